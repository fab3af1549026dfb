export {
	type AwsConfig,
	defaultConfig,
	type Limits,
	readEnvironment,
	type ServiceConfig,
	type Timing,
} from "./config.js";
export { type ApiKey, type Permission, permissions } from "./database/api-keys.js";
export { createApiKey, listApiKeys, revokeApiKey } from "./keys.js";
export { type RunningService, type ServiceWorld, startService } from "./service.js";
