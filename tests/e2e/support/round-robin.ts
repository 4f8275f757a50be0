export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  json: any;
}

export interface AskOptions {
  key?: string;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** A load balancer that knows nothing: every request goes to the next API. */
export function roundRobin(urls: readonly string[]) {
  let turn = 0;
  /** Asks one API. */
  async function askAt(url: string, method: string, path: string, options: AskOptions = {}): Promise<Answer> {
    const { key, body, headers } = options;
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'x-api-key': key }),
        ...headers,
      },
    });
    return { status: response.status, headers: response.headers, json: await response.json() };
  }
  return {
    ask(method: string, path: string, options?: AskOptions): Promise<Answer> {
      const url = urls[turn % urls.length] ?? '';
      turn += 1;
      return askAt(url, method, path, options);
    },
    /** All APIs, each asked once. */
    askAll: (method: string, path: string, options?: AskOptions): Promise<Answer[]> =>
      Promise.all(urls.map((url) => askAt(url, method, path, options))),
  };
}
