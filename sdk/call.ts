import {
	answerFacts,
	type Call,
	neverSent,
	statusError,
	transportError,
	unexpectedAnswer,
} from "./answer-failure.js";
import { timeoutProblem } from "./arguments.js";
import type { Clock } from "./client-clock.js";
import { ChannelsError, InvalidOptionError, leavesOpen, RateLimitedError } from "./errors.js";
import type { Reading } from "./reading.js";
import { type Repeatable, retryDelay } from "./retry.js";
import { type HttpAnswer, type Transport, TransportError } from "./transport.js";
import { VERSION } from "./version.js";

export interface CallOptions {
	/** Ends the call at once, waits between attempts included, with the signal's reason. */
	signal?: AbortSignal | undefined;
	/** Milliseconds for this call, retries included; default the client's. Where it is 0 or less nothing is sent. */
	timeoutMs?: number | undefined;
	/** Once it aborts no attempt begins any more, and the call fails as the last one did. One that is under way goes on. */
	stopRepeating?: AbortSignal | undefined;
	/** Awaited right before each attempt but the first, with the error of the one before. */
	beforeRepeat?: ((failed: ChannelsError) => Promise<void> | void) | undefined;
}

/** A checked answer, and what came with it. */
export interface ChannelsAnswer<T> {
	data: T;
	status: number;
	/** `x-request-id`. */
	requestId: string | undefined;
	/** The server's clock (its `Date`, in whole seconds). */
	date: Date | undefined;
}

/** One operation of the API with its arguments. */
export interface Operation<T> {
	/** For errors, such as `deleting the SES setup …`. */
	doing: string;
	permission: string;
	method: "GET" | "POST" | "DELETE";
	/** Segments below `/v1/{workspace_id}`. */
	path: readonly string[];
	query?: Readonly<Record<string, string>>;
	body?: object;
	/** By which the API knows the call again. */
	idempotencyKey?: string;
	/** The one status that means success. */
	expected: number;
	read(answer: HttpAnswer): Reading<T>;
	repeatable: Repeatable;
}

/** Carries an operation out, with its retries. */
export type Caller = <T>(operation: Operation<T>, options?: CallOptions) => Promise<ChannelsAnswer<T>>;

export interface CallerSettings {
	apiKey: string;
	workspaceId: string;
	/** Without a trailing slash. */
	baseUrl: string;
	timeoutMs: number;
	attemptTimeoutMs: number;
	transport: Transport;
	clock: Clock;
	random: () => number;
}

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export function createCaller(settings: CallerSettings): Caller {
	const { clock } = settings;
	return async (operation, options = {}) => {
		const signal = options.signal ?? new AbortController().signal;
		const { timeoutMs = settings.timeoutMs, stopRepeating, beforeRepeat } = options;
		const problem = timeoutProblem(timeoutMs);
		if (problem !== undefined) throw new InvalidOptionError(`timeoutMs ${problem}`);
		const deadline = clock.monotonic() + timeoutMs;
		const resting = stopRepeating ? AbortSignal.any([signal, stopRepeating]) : signal;
		let last: ChannelsError | undefined;
		let tries = 0;
		for (let attempts = 1; ; attempts += 1) {
			signal.throwIfAborted();
			const leftMs = deadline - clock.monotonic();
			// A wait may have taken longer than it was to.
			if (leftMs <= 0)
				throw last ?? neverSent(describe(settings, operation, { attempts: 0, inDoubt: false }));
			if (last && stopRepeating?.aborted) throw last;
			try {
				const inDoubt = last !== undefined && (last.inDoubt || leavesOpen(last));
				return await attempt(settings, operation, { attempts, inDoubt }, leftMs, signal);
			} catch (error) {
				if (!(error instanceof ChannelsError)) throw error;
				if (!(error instanceof RateLimitedError)) tries += 1;
				const delay = retryDelay(error, operation.repeatable, tries, settings.random);
				if (delay === undefined || clock.monotonic() + delay >= deadline) throw error;
				last = error;
				await clock.sleep(delay, resting).catch((reason: unknown) => {
					if (!stopRepeating?.aborted) throw reason;
				});
				if (!resting.aborted) await beforeRepeat?.(error);
			}
		}
	};
}

/** @param so.attempts how many there were, this one included */
function describe(
	{ workspaceId, baseUrl }: CallerSettings,
	operation: Operation<unknown>,
	so: Pick<Call, "attempts" | "inDoubt">,
): Call {
	const { doing, permission, method, path, query = {} } = operation;
	const segments = ["v1", workspaceId, ...path].map(encodeURIComponent);
	const url = new URL(`${baseUrl}/${segments.join("/")}`);
	for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
	return { doing, permission, method, url, workspaceId, ...so };
}

async function attempt<T>(
	settings: CallerSettings,
	operation: Operation<T>,
	so: Pick<Call, "attempts" | "inDoubt">,
	leftMs: number,
	signal: AbortSignal,
): Promise<ChannelsAnswer<T>> {
	const { apiKey, transport, clock } = settings;
	const { method, body, idempotencyKey, expected } = operation;
	const call = describe(settings, operation, so);
	const answer = await transport
		.send({
			method,
			url: call.url,
			headers: {
				accept: "application/json",
				authorization: `Bearer ${apiKey}`,
				"user-agent": `pulumi-channels/${VERSION} node/${process.versions.node}`,
				...(body !== undefined && { "content-type": "application/json" }),
				...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
			},
			body: body === undefined ? undefined : JSON.stringify(body),
			timeoutMs: Math.min(settings.attemptTimeoutMs, leftMs),
			maxBytes: MAX_ANSWER_BYTES,
			signal,
		})
		.catch((error: unknown) => {
			throw error instanceof TransportError ? transportError(call, error) : error;
		});
	if (answer.status !== expected) throw statusError(call, redacted(answer, apiKey), clock.now());
	const reading = operation.read(answer);
	if ("problem" in reading)
		throw unexpectedAnswer(call, redacted(answer, apiKey), reading.problem, reading.field);
	return { data: reading.value, status: answer.status, ...answerFacts(answer) };
}

/** An answer for an error to quote: a server that repeats what it was sent must not put the key into it. */
function redacted(answer: HttpAnswer, apiKey: string): HttpAnswer {
	const spellings = new Set([apiKey, JSON.stringify(apiKey).slice(1, -1), encodeURIComponent(apiKey)]);
	const redact = (text: string) =>
		[...spellings].reduce((left, spelling) => left.replaceAll(spelling, "[API key]"), text);
	const headers = Object.entries(answer.headers).map(([name, value]) => [name, redact(value ?? "")]);
	return { ...answer, headers: Object.fromEntries(headers), body: redact(answer.body) };
}
