import { DEFAULT_BASE_URL } from "./arguments.js";

/** What became of the API at the default base URL, and what there is in its place. */
export const withdrawn =
	"the hosted Channels API was withdrawn in June 2026. Take the API that is built into the provider, with your own AWS account " +
	"(`pulumi config set channels:api embedded`), or one that you run yourself (channels:baseUrl); the README of pulumi-channels has both";

export const isHosted = ({ origin }: URL): boolean => origin === DEFAULT_BASE_URL;

/**
 * Whether an answer of the hosted API's address says that the API is there no more. `isOfApi`: it has the form of the
 * API's answers, which a 404 may have that is the web framework's own (FastAPI: `{"detail":"Not Found"}`).
 */
export const isWithdrawal = (status: number, isOfApi: boolean): boolean =>
	status === 404 || (!isOfApi && status < 500 && status !== 408 && status !== 429);
