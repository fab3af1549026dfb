import type { ValidationErrorItem } from "./contract.js";
import type { ErrorCode } from "./error-codes.js";

/** What is known about a call that failed. */
export interface FailureFacts {
	method: string;
	/** Without query; the API has no secrets in its paths. */
	url: string;
	/** What kind of failure it is: the API's own code (its header `channels-error-code`), or the client's for it. */
	code: string;
	/** HTTP status, where there was an answer. */
	status?: number | undefined;
	/** The API's own words: its `detail`, a list of them joined, cut to 1500 characters and fit for a terminal. */
	detail?: string | undefined;
	/** `x-request-id`, by which the API's operator finds the call. */
	requestId?: string | undefined;
	/** The server's clock at the answer (its `Date`). */
	date?: Date | undefined;
	/** How often the call was sent, or tried to be; 0 where its time was over before. */
	attempts: number;
	/** Whether an earlier attempt of the call may have been done, although it failed. */
	inDoubt: boolean;
	cause?: unknown;
}

/** Every failure of a call. Thrown as it is for a status that has no kind of its own. Never holds the API key. */
export class ChannelsError extends Error {
	override readonly name: string = "ChannelsError";
	/** Stable, such as `setup-exists`: docs/troubleshooting.md lists them. Not part of the message. */
	readonly code: string;
	readonly method: string;
	readonly url: string;
	readonly status: number | undefined;
	readonly detail: string | undefined;
	readonly requestId: string | undefined;
	readonly date: Date | undefined;
	readonly attempts: number;
	readonly inDoubt: boolean;

	constructor(message: string, facts: FailureFacts) {
		super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
		this.code = facts.code;
		this.method = facts.method;
		this.url = facts.url;
		this.status = facts.status;
		this.detail = facts.detail;
		this.requestId = facts.requestId;
		this.date = facts.date;
		this.attempts = facts.attempts;
		this.inDoubt = facts.inDoubt;
	}
}

/** 400 or 422: the request itself is wrong. */
export class InvalidRequestError extends ChannelsError {
	override readonly name = "InvalidRequestError";
	/** One for each wrong field, exactly as the API gives them; empty where it answers in words alone. */
	readonly items: readonly ValidationErrorItem[];

	constructor(message: string, facts: FailureFacts, items: readonly ValidationErrorItem[]) {
		super(message, facts);
		this.items = items;
	}
}

/** 401: the API key is not accepted. */
export class UnauthorizedError extends ChannelsError {
	override readonly name = "UnauthorizedError";
}

/** 403: the key lacks a permission, or belongs to another workspace. */
export class ForbiddenError extends ChannelsError {
	override readonly name = "ForbiddenError";
}

/** 404. After a repeated DELETE it may mean that the first one, whose answer was lost, did the work. */
export class NotFoundError extends ChannelsError {
	override readonly name = "NotFoundError";
	/** Whether the API itself said so, in its own JSON. If not, the base URL may lead elsewhere. */
	readonly fromApi: boolean;

	constructor(message: string, facts: FailureFacts, fromApi: boolean) {
		super(message, facts);
		this.fromApi = fromApi;
	}
}

/**
 * 409: on create the tenant name or domain is taken, or what this very call had made was deleted again
 * (`create-was-deleted`); on delete a use case still refers to the setup, or its domain is held by something else upstream.
 */
export class ConflictError extends ChannelsError {
	override readonly name = "ConflictError";
}

/** 429, waited out until the call's deadline allowed no more. */
export class RateLimitedError extends ChannelsError {
	override readonly name = "RateLimitedError";
	/** Milliseconds that the API asks to wait, uncapped. */
	readonly retryAfterMs: number | undefined;

	constructor(message: string, facts: FailureFacts, retryAfterMs: number | undefined) {
		super(message, facts);
		this.retryAfterMs = retryAfterMs;
	}
}

/** Any 5xx. 502 and 504 are about the e-mail service behind the API. */
export class ServerError extends ChannelsError {
	override readonly name = "ServerError";
	/** Milliseconds that the API asks to wait, uncapped. */
	readonly retryAfterMs: number | undefined;

	constructor(message: string, facts: FailureFacts, retryAfterMs: number | undefined) {
		super(message, facts);
		this.retryAfterMs = retryAfterMs;
	}
}

/** No connection, or one that broke. */
export class ConnectionError extends ChannelsError {
	override readonly name = "ConnectionError";
	/** `unreachable`: none was made. `insecure`: TLS refused the server. `lost`: it broke. */
	readonly reason: "unreachable" | "insecure" | "lost";
	/** Whether the request may have reached the API. */
	readonly requestSent: boolean;
	/** The system's or undici's code, such as `ECONNREFUSED`. */
	readonly systemCode: string | undefined;

	constructor(
		message: string,
		facts: FailureFacts,
		reason: ConnectionError["reason"],
		requestSent: boolean,
		systemCode: string | undefined,
	) {
		super(message, facts);
		this.reason = reason;
		this.requestSent = requestSent;
		this.systemCode = systemCode;
	}
}

/** No whole answer within the deadline. */
export class TimeoutError extends ChannelsError {
	override readonly name = "TimeoutError";
	/** Whether the request may have reached the API. */
	readonly requestSent: boolean;

	constructor(message: string, facts: FailureFacts, requestSent: boolean) {
		super(message, facts);
		this.requestSent = requestSent;
	}
}

/** An answer that is not what the API's contract says: not its JSON, a field amiss, a redirect. */
export class UnexpectedAnswerError extends ChannelsError {
	override readonly name = "UnexpectedAnswerError";
	/** The odd field, such as `dns_records[2].type`; undefined where the whole answer is odd. */
	readonly field: string | undefined;

	constructor(message: string, facts: FailureFacts, field?: string) {
		super(message, facts);
		this.field = field;
	}
}

/** The client was given something that cannot be right. */
export class InvalidOptionError extends TypeError {
	override readonly name = "InvalidOptionError";
	readonly code = "invalid-option" satisfies ErrorCode;
}

/**
 * Whether the call may have been done although it failed: a request of it was, or may have been, received, and
 * no answer says what came of that. An abort by the caller's own signal is not an error of the API and not judged here.
 */
export function isAmbiguous(error: unknown): boolean {
	return error instanceof ChannelsError && (error.inDoubt || leavesOpen(error));
}

/** The same of the last attempt alone. */
export function leavesOpen(error: ChannelsError): boolean {
	if (error instanceof ConnectionError || error instanceof TimeoutError) return error.requestSent;
	if (error instanceof UnexpectedAnswerError)
		return error.status === undefined || (error.status >= 200 && error.status < 300);
	return error instanceof ServerError;
}
