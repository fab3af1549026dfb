import { type ErrorCode, SesError } from "../error-codes.js";
import type { Marks } from "../objects/found.js";
import { repeatable } from "./said.js";

/**
 * `refused`: SES finds the request itself wrong; `denied`: there are no AWS credentials, or SES does not accept them;
 * `limited`: SES would do it at another time or for another account, such as within a quota; `unavailable` and
 * `timeout`: whether it was done is unknown.
 */
export type UpstreamErrorKind = "refused" | "denied" | "limited" | "unavailable" | "timeout";

/** The reason of a call that was never made, because others came first until its time was over. */
export const waitedInVain = "no turn came within the deadline";

const codes = {
	refused: "upstream-refused",
	limited: "upstream-refused",
	denied: "upstream-denied",
	unavailable: "upstream-unavailable",
	timeout: "upstream-timeout",
} as const satisfies Record<UpstreamErrorKind, ErrorCode>;

/** A call of SES that did not succeed. */
export class UpstreamError extends SesError {
	override readonly name: string = "UpstreamError";

	constructor(
		readonly kind: UpstreamErrorKind,
		readonly operation: string,
		/** The error's name as SES or the network gave it, or what was odd about the answer. */
		readonly reason: string,
		readonly requestId?: string,
		/** SES's own sentence, fit for a client. */
		readonly said?: string,
		options?: ErrorOptions,
	) {
		const request = requestId === undefined ? "" : ` (request ${requestId})`;
		super(codes[kind], `SES ${operation}: ${reason}${said ? `: ${said}` : ""}${request}`, options);
	}

	/** Whether SES may still be at it: the request went out, and nothing came back. */
	get mayStillHappen(): boolean {
		if (this.reason === waitedInVain) return false;
		return this.kind === "timeout" || (this.kind === "unavailable" && isUnanswered(this.cause));
	}
}

/** The errors of the SDK that has found no credentials, or not those it was told to use. */
const withoutCredentials = ["CredentialsProviderError", "TokenProviderError"];

/** Codes and names of failures before anything was sent. */
const notSent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", ...withoutCredentials]);

/**
 * How AWS names credentials that it does not accept, or that do not allow the call (API reference, "Common errors").
 * They come with other statuses than 403, too: STS answers an expired token with 400.
 */
const denials =
	/^(AccessDenied|ExpiredToken|IncompleteSignature|InvalidAccessKeyId|InvalidClientTokenId|InvalidIdentityToken|InvalidSignature|InvalidToken|MissingAuthenticationToken|NotAuthorized|OptInRequired|SignatureDoesNotMatch|UnauthorizedOperation|UnrecognizedClient)(Exception)?$/;

function isDenial(name: string, status: number | undefined): boolean {
	return withoutCredentials.includes(name) || denials.test(name) || status === 401 || status === 403;
}

/** Whether SES does not accept credentials because their time is over. */
export function isExpiry({ kind, reason }: UpstreamError): boolean {
	return kind === "denied" && /^ExpiredToken(Exception)?$/.test(reason);
}

/** Whether a request of the SDK went out without an answer coming back. */
export function isUnanswered(error: unknown): boolean {
	if (!(error instanceof Error) || metadataOf(error).httpStatusCode !== undefined) return false;
	return !notSent.has(codeOf(error) ?? error.name);
}

/** A tenant or identity of the wanted name stands in the AWS account, made for another owner or by hand. */
export class TakenUpstream extends SesError {
	override readonly name = "TakenUpstream";

	constructor(
		readonly what: "tenant" | "identity",
		readonly taken: string,
		/** What our tags say of it: nothing when it was made by hand. */
		readonly marks: Marks,
	) {
		super("exists-upstream", `SES ${what} ${taken} exists and belongs to ${marks.owner ?? "nobody we know"}`);
	}

	/** The setup it was made for; undefined when it was made by hand. */
	get owner(): string | undefined {
		return this.marks.owner;
	}
}

/** Tenants of other hands hold an identity that is to go. SES deletes none that is in a tenant. */
export class HeldUpstream extends SesError {
	override readonly name = "HeldUpstream";

	constructor(
		readonly identityArn: string,
		readonly tenants: readonly string[],
	) {
		super(
			"identity-in-other-tenant",
			`SES identity ${identityArn} is in tenants that are not the setup's: ${tenants.join(", ")}. Take these associations away (DeleteTenantResourceAssociation)`,
		);
	}
}

/** Whether SES refuses to delete an identity because it is in a tenant. It has no error of its own for that. */
export function isStillHeld(error: unknown): boolean {
	return (
		error instanceof UpstreamError &&
		error.kind === "refused" &&
		error.cause instanceof Error &&
		/tenant associations/i.test(error.cause.message)
	);
}

/** Whether SES does not find what a call is about. PutEmailIdentityMailFromAttributes answers so with a BadRequestException. */
export function isMissing(error: unknown): boolean {
	if (!(error instanceof UpstreamError) || !(error.cause instanceof Error)) return false;
	if (error.reason === "NotFoundException") return true;
	return error.kind === "refused" && /^Identity <[^>]*> does not exist/.test(error.cause.message);
}

/** @param signal what the call was to end with: once aborted, the call timed out whatever it threw. */
export function toUpstreamError(error: unknown, operation: string, signal: AbortSignal): UpstreamError {
	if (error instanceof UpstreamError) return error;
	const name = error instanceof Error ? error.name : String(error);
	const code = codeOf(error);
	// The SDK calls a connection that was reset or refused a TimeoutError, too; its code says what it was.
	const timedOut = name === "TimeoutError" && (code === undefined || code === "ETIMEDOUT");
	const { httpStatusCode, requestId } = metadataOf(error);
	const kind = isDenial(name, httpStatusCode)
		? "denied"
		: signal.aborted || timedOut
			? "timeout"
			: kindOfAnswer(name, httpStatusCode);
	// A refusal of credentials may tell the request that was signed, and whose they are. The log has it.
	const said =
		httpStatusCode !== undefined && kind !== "denied" && error instanceof Error
			? repeatable(error.message)
			: undefined;
	return new UpstreamError(kind, operation, code ?? name, requestId, said, { cause: error });
}

/** What no repetition lifts (API reference, the errors of SES's operations), whatever the status. */
const limits = new Set([
	"LimitExceededException",
	"AccountSuspendedException",
	"SendingPausedException",
	"MailFromDomainNotVerifiedException",
]);

function kindOfAnswer(name: string, status: number | undefined): UpstreamErrorKind {
	if (name === "BadRequestException" && status === 400) return "refused";
	if (limits.has(name)) return "limited";
	return status !== undefined && status >= 400 && status < 500 && status !== 429 ? "limited" : "unavailable";
}

function metadataOf(error: unknown): { httpStatusCode?: number; requestId?: string } {
	if (typeof error !== "object" || error === null || !("$metadata" in error)) return {};
	return error.$metadata as { httpStatusCode?: number; requestId?: string };
}

/** Node's code of a network error, such as ECONNREFUSED. */
function codeOf(error: unknown): string | undefined {
	if (!(error instanceof Error) || !("code" in error)) return undefined;
	return typeof error.code === "string" ? error.code : undefined;
}
