/** An answer that was no success. */
export class Refusal extends Error {
  /** @param status of HTTP; 0 when the runtime was not reached */
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }

  /** The user has no permission for it, or is not logged in any more. */
  get isForbidden(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

/** Asks the runtime; rejects with a `Refusal`. Requests carry the user's token, which links and players would not. */
export function ask<Answer>(path: string): Promise<Answer> {
  return request({ url: urlOf(path), type: 'GET', dataType: 'json', cache: false });
}

/** A document or a file of the runtime. */
export function load(path: string): Promise<Blob> {
  // A data type that jQuery has no converter for, so that it leaves the bytes alone.
  return request({ url: urlOf(path), type: 'GET', dataType: 'binary', xhrFields: { responseType: 'blob' } });
}

/** Has the runtime do something. */
export function tell<Answer>(path: string, body: object = {}): Promise<Answer> {
  return request({
    url: urlOf(path),
    type: 'POST',
    dataType: 'json',
    contentType: 'application/json',
    data: JSON.stringify(body),
  });
}

/** Relative, because the editor adds its token to those only. */
function urlOf(path: string): string {
  return `sipflow/sidebar/${path}`;
}

function request<Answer>(settings: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    $.ajax(settings).then(
      (answer) => resolve(answer as Answer),
      ({ status, responseJSON }) => {
        const { message = '' } = (responseJSON ?? {}) as { message?: string };
        reject(new Refusal(status, message));
      },
    );
  });
}
