export { type ApiKey, type Permission, permissions } from "./database/api-keys.js";
export { type MailFromOptions, setMailFrom } from "./mail-from.js";
export { backUp } from "./operations/backup.js";
export {
	type AwsConfig,
	defaultConfig,
	type Limits,
	readEnvironment,
	type ServiceConfig,
	type Timing,
} from "./operations/config.js";
export { createApiKey, listApiKeys, revokeApiKey } from "./operations/keys.js";
export { type Reconciled, type ReconcileOptions, reconcile } from "./reconcile.js";
export { type RunningService, type ServiceWorld, startService } from "./service.js";
