import type { TestService } from "./service.js";

export interface ApiAnswer<Body = unknown> {
	readonly status: number;
	readonly headers: Headers;
	/** `channels-error-code`. */
	readonly code: string | null;
	/** The parsed JSON; undefined when there is no body. */
	readonly body: Body;
}

interface ApiRequest {
	/** Sent as JSON. */
	readonly json?: unknown;
	/** Sent as it is; `json` is ignored. */
	readonly body?: string | Uint8Array;
	/** Default: the service's own key. `null` sends none. */
	readonly key?: string | null;
	/** Default: the service's own. */
	readonly workspaceId?: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly signal?: AbortSignal;
}

export type Api = <Body = unknown>(
	method: string,
	path: string,
	request?: ApiRequest,
) => Promise<ApiAnswer<Body>>;

/** Plain requests of a service under `/v1/{workspace_id}`, with no client's help in between. */
export function apiOf(service: Pick<TestService, "url" | "apiKey" | "workspaceId">): Api {
	return async <Body>(method: string, path: string, request: ApiRequest = {}) => {
		const { key = service.apiKey, workspaceId = service.workspaceId } = request;
		const body = request.body ?? (request.json === undefined ? undefined : JSON.stringify(request.json));
		const answer = await fetch(`${service.url}/v1/${workspaceId}${path}`, {
			method,
			headers: {
				...(key === null ? {} : { authorization: `Bearer ${key}` }),
				...(body === undefined ? {} : { "content-type": "application/json" }),
				...request.headers,
			},
			...(body === undefined ? {} : { body }),
			...(request.signal ? { signal: request.signal } : {}),
		});
		const text = await answer.text();
		return {
			status: answer.status,
			headers: answer.headers,
			code: answer.headers.get("channels-error-code"),
			body: (text === "" ? undefined : JSON.parse(text)) as Body,
		};
	};
}
