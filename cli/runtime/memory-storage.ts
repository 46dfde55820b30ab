/** Node-RED's storage interface over flows that were read already; nothing that the runtime saves is written. */
export function memoryStorage(
  flows: readonly object[],
  credentials: Readonly<Record<string, object>>,
): object {
  const nothing = async (): Promise<void> => undefined;
  return {
    init: nothing,
    getFlows: async () => flows,
    saveFlows: nothing,
    getCredentials: async () => ({ ...credentials }),
    saveCredentials: nothing,
    getSettings: async () => ({}),
    saveSettings: nothing,
    getSessions: async () => ({}),
    saveSessions: nothing,
    getLibraryEntry: async () => [],
    saveLibraryEntry: nothing,
  };
}
