import { shown } from "../dns/shown.js";
import { errorBody, read } from "./answers.js";
import type { ValidationErrorItem } from "./contract.js";
import { codeOfStatus, type ErrorCode } from "./error-codes.js";
import {
	ChannelsError,
	ConflictError,
	ConnectionError,
	type FailureFacts,
	ForbiddenError,
	InvalidRequestError,
	NotFoundError,
	RateLimitedError,
	ServerError,
	TimeoutError,
	UnauthorizedError,
	UnexpectedAnswerError,
} from "./errors.js";
import { printable } from "./printable.js";
import { parseRetryAfter } from "./retry.js";
import type { HttpAnswer, TransportError } from "./transport.js";
import { isHosted, isWithdrawal, withdrawn } from "./withdrawn.js";

/** The call that an error is about. */
export interface Call {
	/** What it does, such as `deleting the SES setup …`. */
	doing: string;
	method: string;
	url: URL;
	workspaceId: string;
	/** What the key must be allowed. */
	permission: string;
	attempts: number;
	/** Whether an earlier attempt may have been done. */
	inDoubt: boolean;
}

/** How much of a server's own words an error repeats, and of a name or an address that it gives. */
const MAX_WORDS = 1_500;
const MAX_NAME = 300;

/** How the API spells what kind of failure an answer is. Anything else is no code, and may be anything. */
const CODE = /^[a-z][a-z0-9-]{0,63}$/;

/** The part of an answer that every error and every result keeps. */
export function answerFacts(answer: HttpAnswer): { requestId: string | undefined; date: Date | undefined } {
	const date = new Date(answer.headers.date ?? "");
	const requestId = answer.headers["x-request-id"];
	return {
		requestId: requestId === undefined ? undefined : printable(requestId, MAX_NAME),
		date: Number.isNaN(date.getTime()) ? undefined : date,
	};
}

/** The error for an answer of any status but the expected one. */
export function statusError(call: Call, answer: HttpAnswer, now: number): ChannelsError {
	const { status } = answer;
	const body = read(errorBody, answer.headers["content-type"], answer.body);
	const items = "value" in body && Array.isArray(body.value.detail) ? body.value.detail : [];
	const detail = "value" in body ? detailText(body.value.detail) : undefined;
	const ownCode = codeOf(answer);
	const isGone = isHosted(call.url) && ownCode === undefined && isWithdrawal(status, "value" in body);
	const code = isGone
		? ("api-withdrawn" satisfies ErrorCode)
		: (ownCode ?? codeOfStatus(status, "value" in body));
	const facts = factsOf(call, code, { status, detail, ...answerFacts(answer) });
	const say = (advice: string) => message(call, facts, detail, advice);
	const retryAfterMs = parseRetryAfter(answer.headers["retry-after"], now);

	if (isGone)
		return status === 404
			? new NotFoundError(say(withdrawn), facts, false)
			: new UnexpectedAnswerError(say(withdrawn), facts);
	if (status >= 300 && status < 400)
		return new UnexpectedAnswerError(
			say(
				`it redirects${redirectTarget(answer, call.url.href)}, which is not followed: correct the base URL (channels:baseUrl)`,
			),
			facts,
		);
	if (status < 300)
		return new UnexpectedAnswerError(
			say("an answer that the API's contract does not know: check the base URL (channels:baseUrl)"),
			facts,
		);
	if (status >= 500) return new ServerError(say(serverAdvice(status)), facts, retryAfterMs);
	switch (status) {
		case 400:
		case 422:
			return new InvalidRequestError(
				say(detail === undefined ? "the request is not accepted" : ""),
				facts,
				items,
			);
		case 401:
			return new UnauthorizedError(
				say("the API key is not accepted: check channels:apiKey (CHANNELS_API_KEY)"),
				facts,
			);
		case 403:
			return new ForbiddenError(
				say(
					`the API key needs the permission ${call.permission} in the workspace ${call.workspaceId}: ` +
						"check channels:workspaceId and what the key may do",
				),
				facts,
			);
		case 404:
			return "value" in body
				? new NotFoundError(say(""), facts, true)
				: new NotFoundError(
						say("the answer is not the Channels API's own: check the base URL (channels:baseUrl)"),
						facts,
						false,
					);
		case 409:
			return new ConflictError(say(""), facts);
		case 429:
			return new RateLimitedError(say("too many requests: try again later"), facts, retryAfterMs);
		default:
			return new ChannelsError(say(""), facts);
	}
}

/** The error for a call whose time was over before it began. */
export function neverSent(call: Call): TimeoutError {
	const facts = factsOf(call, "api-timeout" satisfies ErrorCode, {});
	return new TimeoutError(
		message(call, facts, "its time was over already", "nothing was done; try again"),
		facts,
		false,
	);
}

const codeOfTransport = {
	timeout: "api-timeout",
	"too large": "unexpected-answer",
	unreachable: "api-not-connected",
	insecure: "api-not-connected",
	lost: "api-not-connected",
} as const satisfies Record<TransportError["reason"], ErrorCode>;

/** The error for an exchange that did not end in a whole answer. */
export function transportError(call: Call, error: TransportError): ChannelsError {
	const { reason, requestSent, code } = error;
	// With no connection there is nothing that could tell more.
	const isGone = isHosted(call.url) && !requestSent;
	const facts = factsOf(call, isGone ? ("api-withdrawn" satisfies ErrorCode) : codeOfTransport[reason], {
		cause: error,
	});
	const why = `${error.message}${code === undefined || error.message.includes(code) ? "" : ` (${code})`}`;
	const done = requestSent || call.inDoubt ? "it may have been done all the same" : "nothing was done";
	// A read that is done all the same is nobody's loss.
	const next = `${call.method === "GET" ? "" : `${done}; `}check the network, then try again`;
	const advice = {
		timeout: next,
		"too large": "check the base URL (channels:baseUrl)",
		unreachable: `check the base URL (channels:baseUrl) and the network; ${done}`,
		insecure: `TLS cannot be set up with the server (NODE_EXTRA_CA_CERTS adds an authority to trust); ${done}`,
		lost: next,
	}[reason];
	const what = reason === "lost" ? `the connection broke: ${why}` : why;
	const said = message(call, facts, what, isGone ? withdrawn : advice);
	if (reason === "timeout") return new TimeoutError(said, facts, requestSent);
	if (reason === "too large") return new UnexpectedAnswerError(said, facts);
	return new ConnectionError(said, facts, reason, requestSent, code);
}

/** The error for an answer of the expected status that cannot be trusted. */
export function unexpectedAnswer(
	call: Call,
	answer: HttpAnswer,
	problem: string,
	field?: string,
): UnexpectedAnswerError {
	const isGone = isHosted(call.url) && field === undefined;
	const code = (isGone ? "api-withdrawn" : "unexpected-answer") satisfies ErrorCode;
	const facts = factsOf(call, code, { status: answer.status, ...answerFacts(answer) });
	const said = printable(problem, MAX_NAME);
	const what = field === undefined ? `the answer is odd: ${said}` : `the answer is odd at ${field}: ${said}`;
	const elsewhere = isGone ? withdrawn : "check the base URL (channels:baseUrl)";
	const advice = field === undefined ? elsewhere : "is this package too old for the API?";
	return new UnexpectedAnswerError(message(call, facts, what, advice), facts, field);
}

function factsOf(call: Call, code: string, known: Partial<FailureFacts>): FailureFacts {
	const url = `${call.url.origin}${call.url.pathname}`;
	return { code, method: call.method, url, attempts: call.attempts, inDoubt: call.inDoubt, ...known };
}

function codeOf(answer: HttpAnswer): string | undefined {
	const code = answer.headers["channels-error-code"];
	return code !== undefined && CODE.test(code) ? code : undefined;
}

/** What happened, in whose words, what to do next, and where it was. */
function message(call: Call, facts: FailureFacts, what: string | undefined, advice: string): string {
	const where = [
		`${facts.method} ${facts.url}`,
		...(facts.status === undefined ? [] : [`status ${facts.status}`]),
		...(facts.requestId === undefined ? [] : [`request id ${facts.requestId}`]),
		...(facts.attempts > 1 ? [`${facts.attempts} attempts`] : []),
	].join(", ");
	const words = [what, advice].filter(Boolean).join(" — ");
	return shown(`${call.doing} failed${words === "" ? "" : `: ${words}`} (${where})`);
}

function detailText(detail: string | ValidationErrorItem[]): string {
	const text =
		typeof detail === "string" ? detail : detail.map(({ loc, msg }) => `${loc.join(".")}: ${msg}`).join("; ");
	return printable(text, MAX_WORDS);
}

function serverAdvice(status: number): string {
	if (status === 502) return "the e-mail service behind the API is out of reach: try again later";
	if (status === 504) return "the e-mail service behind the API did not answer in time: try again later";
	return "the API failed: try again later, and give its operator the request id if that does not help";
}

function redirectTarget(answer: HttpAnswer, from: string): string {
	const location = answer.headers.location ?? "";
	if (!URL.canParse(location, from)) return "";
	const { origin, pathname } = new URL(location, from);
	return ` to ${printable(`${origin}${pathname}`, MAX_NAME)}`;
}
