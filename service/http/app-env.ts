import type { Logger } from "pino";
import type { ApiKey } from "../database/api-keys.js";

/** What a request carries along (Hono's `Env`). */
export interface AppEnv {
	/** Of the server; none where the app is called without a socket. */
	Bindings: { incoming?: { readonly socket: { readonly remoteAddress?: string | undefined } } };
	Variables: { log: Logger; apiKey?: ApiKey };
}
