import type { RecordSetState } from "../../../shapes.js";
import type { AwsAccess } from "../../aws/access.js";
import type { ErrorCode } from "../../error-codes.js";
import { type DelegatedZone, HostError, type HostErrorKind, type HostedZone } from "../../zones/host.js";
import type { Change } from "./changes.js";

/** The calls of Route 53 that the provider makes; `client.ts` makes them through the AWS SDK. */
export interface Route53Api {
	/** Zones in Route 53's order (by reversed labels), beginning at a name. At most 100 a page. */
	listZonesByName(
		start: ZoneCursor,
		signal: AbortSignal,
	): Promise<{ items: HostedZone[]; next?: ZoneCursor }>;
	/** @throws Route53Error `NoSuchHostedZone`, `AccessDenied`. */
	getZone(zoneId: string, signal: AbortSignal): Promise<DelegatedZone>;
	/** Record sets in Route 53's order, beginning at a name. At most 300 a page. */
	listRecordSets(
		zoneId: string,
		start: RecordSetCursor,
		signal: AbortSignal,
	): Promise<{ items: RecordSetState[]; next?: RecordSetCursor }>;
	/** Makes all the changes or none, and returns the change's id. @throws Route53Error `InvalidChangeBatch`. */
	change(zoneId: string, changes: Change[], signal: AbortSignal): Promise<string>;
	/** Whether every name server has a change. */
	inSync(changeId: string, signal: AbortSignal): Promise<boolean>;
}

export interface ZoneCursor {
	name: string;
	zoneId?: string;
}

export interface RecordSetCursor {
	name: string;
	type?: string;
	identifier?: string;
}

/** A call of Route 53 that failed. */
export class Route53Error extends HostError {
	override readonly name = "Route53Error";

	/**
	 * @param word AWS's own code, such as `InvalidChangeBatch`, or what became of the connection.
	 * @param options `unanswered`: no usable answer came. `code`: what the error is called, where its kind does not say it.
	 */
	constructor(
		message: string,
		word: string,
		options: {
			cause?: unknown;
			requestId?: string | undefined;
			unanswered?: boolean;
			code?: ErrorCode | undefined;
		} = {},
	) {
		const kind = kindOf(word, options.unanswered);
		super(options.code ?? codes[kind], message, kind, word, options);
	}
}

const kindOf = (word: string, unanswered = false): HostErrorKind =>
	unanswered ? "unanswered" : (kinds.get(word) ?? "refused");

/** What an error of Route 53 is called where nothing else is known of it. */
export const codeOfRoute53 = (word: string, unanswered: boolean): ErrorCode =>
	codes[kindOf(word, unanswered)];

const codes: Record<HostErrorKind, ErrorCode> = {
	outdated: "route53-outdated",
	refused: "route53-refused",
	busy: "route53-busy",
	gone: "zone-gone",
	denied: "route53-denied",
	unanswered: "route53-unanswered",
};

const kinds = new Map<string, HostErrorKind>([
	["InvalidChangeBatch", "outdated"],
	["NoSuchHostedZone", "gone"],
	...["Throttling", "ThrottlingException", "PriorRequestNotComplete", "RequestLimitExceeded"].map(
		(word) => [word, "busy"] as const,
	),
	...[
		"AccessDenied",
		"AccessDeniedException",
		"AccountNotAllowed",
		"CredentialsProviderError",
		"ExpiredToken",
		"ExpiredTokenException",
		"IncompleteSignature",
		"InvalidClientTokenId",
		"InvalidSignatureException",
		"MfaRequired",
		"MissingAuthenticationToken",
		"SignatureDoesNotMatch",
		"UnrecognizedClientException",
	].map((word) => [word, "denied"] as const),
]);

/** Whose zones: what of a resource's arguments decides the credentials. */
export type Route53Access = AwsAccess;
