export {
	apiKeyProblem,
	baseUrlProblem,
	DEFAULT_BASE_URL,
	tenantNameProblem,
	workspaceProblem,
} from "./arguments.js";
export * from "./contract.js";
