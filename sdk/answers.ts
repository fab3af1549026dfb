import { z } from "zod";
import type {
	DiagnosisResponse,
	DnsRecordType,
	ErrorResponse,
	PaginatedResponse,
	SesSetupDetailResponse,
	SesSetupListItemResponse,
	UseCaseListResponse,
} from "./contract.js";
import type { Reading } from "./reading.js";
import type { HttpAnswer } from "./transport.js";

// The shapes of contract.ts as checks. Fields that the contract does not know are dropped.

const dateTime = z.string().refine((text) => !Number.isNaN(Date.parse(text)), "not a date and time");
const text = z.string().min(1);

const common = {
	id: z.guid(),
	tenant_name: text,
	domain_identity: text,
	dns_checked_at: dateTime.nullable(),
	created_at: dateTime,
	updated_at: dateTime,
};

const dnsRecord = z.object({
	address: text,
	record: text,
	// Of other types than the contract has, who publishes says more than that the answer cannot be read.
	type: text.transform((type) => type as DnsRecordType),
	verified: z.boolean(),
});

export const setupDetail = z.object({
	...common,
	dns_records: z.array(dnsRecord),
}) satisfies z.ZodType<SesSetupDetailResponse>;

const position = {
	continuation_token: z.exactOptional(z.int().nullable()),
	total: z.exactOptional(z.int().nullable()),
};

export const setupPage = z.object({
	items: z.array(z.object({ ...common, dns_verified: z.boolean() })),
	has_more: z.boolean(),
	...position,
}) satisfies z.ZodType<PaginatedResponse<SesSetupListItemResponse>>;

const nullableText = z.string().nullable();
const optionalText = z.exactOptional(nullableText);

export const diagnosis = z.object({
	setup_id: z.guid(),
	domain_identity: text,
	dns_checked_at: dateTime.nullable(),
	records: z.array(
		dnsRecord.extend({
			servers: z.array(
				z.object({
					server: text,
					state: z.enum(["found", "missing", "different", "failed"]),
					found: z.array(z.string()),
					reason: nullableText,
				}),
			),
			reason: nullableText,
		}),
	),
	ses: z.object({
		identity: z.enum(["own", "missing", "foreign", "rekeyed", "unknown"]),
		dkim_status: nullableText,
		error_type: nullableText,
		last_checked_at: dateTime.nullable(),
		last_success_at: dateTime.nullable(),
		reason: nullableText,
		mail_from_domain: optionalText,
		mail_from_status: optionalText,
		mail_from_reason: optionalText,
	}),
	obstacles: z.exactOptional(z.array(z.object({ code: text, reason: text, asked_at: dateTime }))),
}) satisfies z.ZodType<DiagnosisResponse>;

export const useCaseList = z.object({
	items: z.array(
		z.object({
			id: text,
			channel: text,
			entity_name: z.string(),
			name: z.string(),
			description: z.string().nullable(),
			setup_id: text,
			sender_email_address: optionalText,
			email_type: optionalText,
			configuration_set_name: optionalText,
			tier: optionalText,
			created_at: dateTime,
			updated_at: dateTime,
		}),
	),
	has_more: z.exactOptional(z.boolean()),
	...position,
}) satisfies z.ZodType<UseCaseListResponse>;

export const errorBody = z.object({
	detail: z.union([
		z.string(),
		z.array(
			z.object({
				loc: z.array(z.union([z.string(), z.int()])),
				msg: z.string(),
				type: z.string(),
				input: z.exactOptional(z.unknown()),
				ctx: z.exactOptional(z.record(z.string(), z.unknown())),
			}),
		),
	]),
}) satisfies z.ZodType<ErrorResponse>;

/** Reads an answer's body as JSON of a known shape. */
export function jsonOf<T>(schema: z.ZodType<T>): (answer: HttpAnswer) => Reading<T> {
	return (answer) => read(schema, answer.headers["content-type"], answer.body);
}

/** Reads JSON of a known shape. */
export function read<T>(schema: z.ZodType<T>, contentType: string | undefined, body: string): Reading<T> {
	if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType ?? ""))
		return { problem: `${contentType ?? "no content type"} instead of JSON` };
	let json: unknown;
	try {
		json = JSON.parse(body);
	} catch {
		return { problem: "text that is no valid JSON" };
	}
	const result = schema.safeParse(json);
	if (result.success) return { value: result.data };
	const issue = result.error.issues[0];
	const field = pathText(issue?.path ?? []);
	const problem = issue?.message ?? "another shape";
	return field === "" ? { problem } : { problem, field };
}

function pathText(path: readonly PropertyKey[]): string {
	return path
		.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`))
		.join("")
		.replace(/^\./, "");
}
