/**
 * The wire shapes of the Channels API, types only: the one source for the SDK and the service.
 * Field names are the API's own (snake case); date-times are ISO 8601 strings.
 */

/** What `POST /v1/{workspace_id}/channels/ses-setup` takes. */
export interface CreateSesSetupRequest {
	/** `[A-Za-z0-9_-]`, 1–64 characters; unique within the AWS account behind the API. */
	tenant_name: string;
	/** ASCII host name, 1–255 characters, used for sending and receiving. */
	domain_identity: string;
}

export type DnsRecordType = "CNAME" | "MX" | "TXT";

/** One record that the domain's owner publishes. */
export interface DnsRecordResponse {
	/** Fully qualified host name, without a trailing dot. */
	address: string;
	/** Target value: a host name for CNAME, `10 host` for MX, the joined text for TXT. */
	record: string;
	type: DnsRecordType;
	/** Whether the live look-up of the last check found the record. */
	verified: boolean;
}

/** A setup as create, get and verify answer it. */
export interface SesSetupDetailResponse {
	/** UUID. */
	id: string;
	tenant_name: string;
	domain_identity: string;
	dns_checked_at: string | null;
	dns_records: DnsRecordResponse[];
	created_at: string;
	updated_at: string;
}

/** A setup as the list answers it: the aggregate of the last check instead of the records. */
export interface SesSetupListItemResponse {
	id: string;
	tenant_name: string;
	domain_identity: string;
	/** True when every record was verified at the last check. */
	dns_verified: boolean;
	dns_checked_at: string | null;
	created_at: string;
	updated_at: string;
}

/** One page of a list. `continuation_token` of a page goes into the next request while `has_more`. */
export interface PaginatedResponse<Item> {
	items: Item[];
	has_more: boolean;
	continuation_token?: number | null;
	total?: number | null;
}

/** What refers to a setup; while one exists the setup cannot be deleted. */
/**
 * Why a setup's records are verified or not, as `GET …/{setup_id}/diagnosis` of the self-hosted service answers it.
 * The vendor's API has no such endpoint.
 */
export interface DiagnosisResponse {
	setup_id: string;
	domain_identity: string;
	dns_checked_at: string | null;
	/** In the order of the setup's `dns_records`. */
	records: RecordDiagnosis[];
	ses: SesDiagnosis;
	/**
	 * What keeps the domain from sending although its records stand, as far as SES tells the service: none where nothing
	 * is known to. Left out by services of before there was this.
	 */
	obstacles?: SendingObstacle[];
}

/** Something that keeps a verified domain from sending. */
export interface SendingObstacle {
	/** Such as `account-in-sandbox`. Others may be added. */
	code: string;
	/** What that means and what to do, in sentences. */
	reason: string;
	/** When SES said so. The service asks once an hour at most. */
	asked_at: string;
}

export interface RecordDiagnosis extends DnsRecordResponse {
	/** What each authoritative server says, as the service sees it. Empty where none could be asked. */
	servers: {
		/** Host name, or `ip:port`. */
		server: string;
		state: "found" | "missing" | "different" | "failed";
		/** The values of the record's type that stand at its name there. */
		found: string[];
		/** Why it failed, or what is wrong with what was found. */
		reason: string | null;
	}[];
	/** Why no server could be asked. */
	reason: string | null;
}

/** The word of SES itself. */
export interface SesDiagnosis {
	/**
	 * Whose the identity is that SES has of the domain: the setup's (`own`), the setup's with other DKIM keys than it was
	 * made with (`rekeyed`), of other hands (`foreign`), or none (`missing`). `unknown` where SES was not asked, or did
	 * not answer.
	 */
	identity: "own" | "missing" | "foreign" | "rekeyed" | "unknown";
	/** SES's `DkimAttributes.Status`, such as `PENDING`. */
	dkim_status: string | null;
	/** SES's `VerificationInfo.ErrorType`, such as `HOST_NOT_FOUND`. */
	error_type: string | null;
	last_checked_at: string | null;
	last_success_at: string | null;
	/** What that means and what to do, in sentences; null while SES accepts the domain. */
	reason: string | null;
	/**
	 * SES's `MailFromDomain`; null where the domain has none of its own, or SES was not asked. All three are left out by
	 * services of before there was this.
	 */
	mail_from_domain?: string | null;
	/** SES's `MailFromDomainStatus`, such as `PENDING`. */
	mail_from_status?: string | null;
	/** What that means and what to do, in sentences; null while SES uses the MAIL FROM domain, and where there is none. */
	mail_from_reason?: string | null;
}

export interface UseCaseResponse {
	id: string;
	channel: string;
	entity_name: string;
	name: string;
	description: string | null;
	setup_id: string;
	sender_email_address?: string | null;
	email_type?: string | null;
	configuration_set_name?: string | null;
	tier?: string | null;
	created_at: string;
	updated_at: string;
}

/** Use cases; those of an API that knows no pages of them leave all but the items out. */
export interface UseCaseListResponse extends Partial<PaginatedResponse<UseCaseResponse>> {
	items: UseCaseResponse[];
}

/** One problem of a request, in the form of FastAPI. */
export interface ValidationErrorItem {
	loc: (string | number)[];
	msg: string;
	type: string;
	input?: unknown;
	ctx?: Record<string, unknown>;
}

/** The body of every error answer. */
export interface ErrorResponse {
	detail: string | ValidationErrorItem[];
}
