import "./needs-node.js";

export {
	apiKeyProblem,
	baseUrlProblem,
	DEFAULT_BASE_URL,
	tenantNameProblem,
	workspaceProblem,
} from "./arguments.js";
export type { CallOptions, ChannelsAnswer } from "./call.js";
export { ChannelsClient, type ChannelsClientOptions } from "./client.js";
export type { Clock } from "./client-clock.js";
export type * from "./contract.js";
export {
	ChannelsError,
	ConflictError,
	ConnectionError,
	ForbiddenError,
	InvalidOptionError,
	InvalidRequestError,
	isAmbiguous,
	NotFoundError,
	RateLimitedError,
	ServerError,
	TimeoutError,
	UnauthorizedError,
	UnexpectedAnswerError,
} from "./errors.js";
export type { ListOptions, SesSetups } from "./ses-setups.js";
export { type HttpAnswer, type HttpRequest, type Transport, TransportError } from "./transport.js";
export type { UseCaseListOptions, UseCases } from "./use-cases.js";
export { VERSION } from "./version.js";
