import type { MiddlewareHandler } from "hono";
import type { Logger } from "pino";
import type { Obstacles } from "pulumi-channels/ses";
import type { SetupStore } from "../database/setups.js";
import type { UseCaseStore } from "../database/use-cases.js";
import type { Metrics } from "../operations/metrics.js";
import type { Provisioning } from "../setups/provisioning.js";
import type { Verification } from "../setups/verification.js";
import type { Authorize } from "./access.js";
import type { AppEnv } from "./app-env.js";

/** What the routes work with. */
export interface AppParts {
	readonly setups: SetupStore;
	readonly useCases: UseCaseStore;
	readonly provisioning: Provisioning;
	readonly verification: Verification;
	readonly obstacles: Pick<Obstacles, "of">;
	readonly authorize: Authorize;
	/** Goes before everything that needs a key. */
	readonly limitAddresses: MiddlewareHandler<AppEnv>;
	/** Goes after {@link authorize} where something changes upstream. */
	readonly limitChanges: MiddlewareHandler<AppEnv>;
	readonly metrics: Metrics;
	readonly log: Logger;
	/** Rejects with a 503 that says why, while the service should get no traffic. */
	readonly ready: () => Promise<void>;
	readonly bodyBytes: number;
}
