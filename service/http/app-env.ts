import type { Logger } from "pino";
import type { ApiKey } from "../database/api-keys.js";

/** What a request carries along (Hono's `Env`). */
export interface AppEnv {
	Variables: { log: Logger; apiKey?: ApiKey };
}
