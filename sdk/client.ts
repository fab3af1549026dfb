import { randomUUID } from "node:crypto";
import {
	apiKeyProblem,
	baseUrlProblem,
	DEFAULT_BASE_URL,
	timeoutProblem,
	workspaceProblem,
} from "./arguments.js";
import { createCaller } from "./call.js";
import { type Clock, systemClock } from "./client-clock.js";
import { InvalidOptionError } from "./errors.js";
import { createSesSetups, type SesSetups } from "./ses-setups.js";
import { createHttpTransport, type Transport } from "./transport.js";
import { createUseCases, type UseCases } from "./use-cases.js";

export interface ChannelsClientOptions {
	/** Sent as a bearer token; appears in no error and no output. */
	apiKey: string;
	/** UUID. */
	workspaceId: string;
	/** Default `https://api.platform.amigo.ai`. Plain `http:` only to this machine. */
	baseUrl?: string | undefined;
	/** Milliseconds for a whole call, with its retries and waits. Default 60 000; Infinity sets no limit. */
	timeoutMs?: number | undefined;
	/** Milliseconds for one attempt of a call. Default 30 000: a GET looks the records up live. */
	attemptTimeoutMs?: number | undefined;
	/** In place of HTTP by the proxies of the environment. The client closes it. */
	transport?: Transport | undefined;
	/** In place of the system's clock. */
	clock?: Clock | undefined;
	/** Uniform in [0, 1), for the jitter of retries. */
	random?: (() => number) | undefined;
	/** Makes the key of each create. Default: a random UUID. */
	uuid?: (() => string) | undefined;
}

/**
 * A client of the Channels API for one workspace. Every answer is checked against the contract before it is
 * given out; every failure is a `ChannelsError`, except an abort, which is the signal's reason.
 */
export class ChannelsClient {
	readonly workspaceId: string;
	readonly baseUrl: string;
	readonly sesSetups: SesSetups;
	readonly useCases: UseCases;
	readonly #transport: Transport;

	/** @throws InvalidOptionError if the key, workspace, base URL or a time is none */
	constructor(options: ChannelsClientOptions) {
		const { apiKey, workspaceId, baseUrl = DEFAULT_BASE_URL } = options;
		const { timeoutMs = 60_000, attemptTimeoutMs = 30_000 } = options;
		reject("apiKey", apiKeyProblem(apiKey));
		reject("workspaceId", workspaceProblem(workspaceId));
		reject("baseUrl", baseUrlProblem(baseUrl));
		reject("timeoutMs", timeoutProblem(timeoutMs));
		reject("attemptTimeoutMs", timeoutProblem(attemptTimeoutMs));
		this.workspaceId = workspaceId;
		this.baseUrl = baseUrl.replace(/\/+$/, "");
		this.#transport = options.transport ?? createHttpTransport();
		const call = createCaller({
			apiKey,
			workspaceId,
			baseUrl: this.baseUrl,
			timeoutMs,
			attemptTimeoutMs,
			transport: this.#transport,
			clock: options.clock ?? systemClock,
			random: options.random ?? Math.random,
		});
		this.sesSetups = createSesSetups(call, options.uuid ?? randomUUID);
		this.useCases = createUseCases(call);
	}

	/** Waits for the calls under way and closes the connections. */
	close(): Promise<void> {
		return this.#transport.close();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.close();
	}
}

function reject(argument: string, problem: string | undefined): void {
	if (problem !== undefined) throw new InvalidOptionError(`${argument} ${problem}`);
}
