// Replaced by the bundler of the SIP core.
export async function bundleSipCore() {}
