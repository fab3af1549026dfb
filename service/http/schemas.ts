import { z } from "@hono/zod-openapi";
import { domainProblem } from "pulumi-channels/dns";
import type * as contract from "pulumi-channels/sdk";
import { codeHeader } from "../error-codes.js";

/** The wire format, as it is checked and as `/openapi.json` shows it. The types are those of the SDK's contract. */

const uuid = z
	.guid({ message: "Input should be a valid UUID" })
	.transform((text) => text.toLowerCase())
	.openapi({ type: "string", format: "uuid" });

const dateTime = z.iso.datetime();

export const WorkspacePath = z.object({ workspace_id: uuid });
export const SetupPath = z.object({ workspace_id: uuid, setup_id: uuid });
export const UseCasePath = z.object({ workspace_id: uuid, use_case_id: uuid });

export const CreateHeaders = z.object({
	"Idempotency-Key": uuid.optional().openapi({
		description:
			"A UUID made for this create. Sent again with the same key and body, it comes to the setup that it has made, and makes no other.",
	}),
});

/** What kind of refusal it is. Not an enumeration, as it grows. */
export const ErrorHeaders = z.object({
	[codeHeader]: z
		.string()
		.regex(/^[a-z][a-z0-9-]{0,63}$/)
		.openapi({ examples: ["setup-exists"] }),
});

const queryInteger = z
	.string()
	.regex(/^-?\d+$/, "Input should be a valid integer, in decimal digits")
	.transform(Number);

const pageLimit = queryInteger.pipe(
	z.number().gt(0, "Input should be greater than 0").max(20, "Input should be less than or equal to 20"),
);
const pageLimitInWords = { type: "integer", exclusiveMinimum: 0, maximum: 20 } as const;

export const PageQuery = z.object({
	limit: pageLimit.default(10).openapi({ ...pageLimitInWords, default: 10 }),
	continuation_token: queryInteger
		.pipe(
			z
				.number()
				.min(0, "Input should be greater than or equal to 0")
				.max(Number.MAX_SAFE_INTEGER, "Input should be a token of an earlier page"),
		)
		.default(0)
		.openapi({ type: "integer", default: 0, minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
});

/** What `domainProblem` takes, in the words of JSON Schema: a host name of two labels, whose last is no number. */
const domainPattern =
	"^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+(?!([0-9]+|0[xX][0-9A-Fa-f]*)$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$";

/** Of a value that is too short or too long, nothing else is said. */
const first = { abort: true };

export const CreateSesSetupRequest = z
	.object({
		tenant_name: z
			.string()
			.min(1, first)
			.max(64, first)
			.regex(/^[A-Za-z0-9_-]+$/, "Input should hold only letters, digits, hyphens and underscores"),
		domain_identity: z
			.string()
			.min(1, first)
			.max(255, first)
			.superRefine((domain, context) => {
				const problem = domainProblem(domain);
				if (problem !== undefined) context.addIssue({ code: "custom", message: `The domain ${problem}` });
			})
			.transform((domain) => domain.toLowerCase())
			.openapi({ type: "string", minLength: 1, maxLength: 209, pattern: domainPattern }),
	})
	.openapi("CreateSesSetupRequest");

const DnsRecordResponse = z
	.object({
		address: z.string(),
		record: z.string(),
		type: z.enum(["CNAME", "MX", "TXT"]),
		verified: z.boolean(),
	})
	.openapi("DnsRecordResponse");

export const SesSetupDetailResponse = z
	.object({
		id: z.string(),
		tenant_name: z.string(),
		domain_identity: z.string(),
		dns_checked_at: dateTime.nullable(),
		dns_records: z.array(DnsRecordResponse),
		created_at: dateTime,
		updated_at: dateTime,
	})
	.openapi("SesSetupDetailResponse");

const SesSetupListItemResponse = z
	.object({
		id: z.string(),
		tenant_name: z.string(),
		domain_identity: z.string(),
		dns_verified: z.boolean(),
		dns_checked_at: dateTime.nullable(),
		created_at: dateTime,
		updated_at: dateTime,
	})
	.openapi("SesSetupListItemResponse");

const pageEnd = {
	has_more: z.boolean(),
	continuation_token: z.number().int().nullish(),
	total: z.number().int().nullish(),
};

export const SesSetupPage = z
	.object({ items: z.array(SesSetupListItemResponse), ...pageEnd })
	.openapi("PaginatedResponse_SesSetupListItemResponse_");

export const DiagnosisResponse = z
	.object({
		setup_id: z.string(),
		domain_identity: z.string(),
		dns_checked_at: dateTime.nullable(),
		records: z.array(
			DnsRecordResponse.extend({
				servers: z.array(
					z.object({
						server: z.string(),
						state: z.enum(["found", "missing", "different", "failed"]),
						found: z.array(z.string()),
						reason: z.string().nullable(),
					}),
				),
				reason: z.string().nullable(),
			}),
		),
		ses: z.object({
			identity: z.enum(["own", "missing", "foreign", "rekeyed", "unknown"]),
			dkim_status: z.string().nullable(),
			error_type: z.string().nullable(),
			last_checked_at: dateTime.nullable(),
			last_success_at: dateTime.nullable(),
			reason: z.string().nullable(),
			mail_from_domain: z.string().nullish(),
			mail_from_status: z.string().nullish(),
			mail_from_reason: z.string().nullish(),
		}),
		obstacles: z.array(z.object({ code: z.string(), reason: z.string(), asked_at: dateTime })).optional(),
	})
	.openapi("SesSetupDiagnosisResponse");

const channels = ["outbound_voice", "inbound_voice", "ringless_voicemail", "email"] as const;

export const UseCaseQuery = z.object({
	entity_name: z.string().optional(),
	channel: z.enum(channels).optional(),
	setup_id: uuid.optional(),
	// Without it the whole list is asked for, as by clients from before there were pages.
	limit: pageLimit.optional().openapi(pageLimitInWords),
	continuation_token: PageQuery.shape.continuation_token,
});

const useCaseName = z
	.string()
	.min(1, first)
	.max(31, first)
	.regex(/^[A-Za-z\- ]+$/, "Input should hold only letters, hyphens and spaces");

/** Any text that a database can hold: no NUL, which PostgreSQL has not, and no half of a character. */
function text(maxLength: number) {
	return (
		z
			.string()
			// In characters, as JSON Schema counts, and not in halves of them.
			.refine((value) => [...value].length <= maxLength, `Input should have at most ${maxLength} characters`)
			.refine((value) => !/[\0\p{Surrogate}]/u.test(value), "Input should hold no NUL and no lone surrogate")
			.openapi({ maxLength, pattern: "^[^\\u0000]*$" })
	);
}

const useCaseFields = {
	entity_name: useCaseName,
	name: useCaseName,
	description: text(2000).nullish(),
	setup_id: uuid,
};

/** As browsers check it, which is every address that can be typed into a form, and of a length that mail has room for. */
const emailAddress = z
	.email({ pattern: z.regexes.html5Email })
	// RFC 5321, section 4.5.3.1: 256 octets with the brackets around it, of which 64 for the local part.
	.max(254, first)
	.refine((address) => address.indexOf("@") <= 64, "Input should have at most 64 characters before the @");

/** E-mail alone: this service has no voice. */
export const EmailUseCaseRequest = z
	.object({
		channel: z.literal("email", "This service has e-mail only: input should be 'email'"),
		...useCaseFields,
		sender_email_address: emailAddress,
		email_type: z.enum(["transactional", "marketing"]),
	})
	.openapi("EmailUseCaseRequest");

const optionalText = z.string().nullish();

export const UseCaseResponse = z
	.object({
		id: z.string(),
		channel: z.string(),
		entity_name: z.string(),
		name: z.string(),
		description: z.string().nullable(),
		setup_id: z.string(),
		sender_email_address: optionalText,
		email_type: optionalText,
		configuration_set_name: optionalText,
		tier: optionalText,
		created_at: dateTime,
		updated_at: dateTime,
	})
	.openapi("UseCaseResponse");

export const UseCaseListResponse = z
	.object({ items: z.array(UseCaseResponse), ...pageEnd, has_more: pageEnd.has_more.optional() })
	.openapi("UseCaseListResponse");

const ValidationErrorItem = z
	.object({
		loc: z.array(z.union([z.string(), z.number().int()])),
		msg: z.string(),
		type: z.string(),
		input: z.unknown().optional(),
		ctx: z.record(z.string(), z.unknown()).optional(),
	})
	.openapi("ValidationError");

export const HttpValidationError = z
	.object({ detail: z.array(ValidationErrorItem).optional() })
	.openapi("HTTPValidationError");

export const ErrorResponse = z
	.object({ detail: z.union([z.string(), z.array(ValidationErrorItem)]) })
	.openapi("ErrorResponse");

/** `undefined` as a value is what zod reads into "optional"; on the wire there is no such thing. */
type OnTheWire<T> = T extends (infer Item)[]
	? OnTheWire<Item>[]
	: T extends object
		? { [Key in keyof T]: OnTheWire<Exclude<T[Key], undefined>> }
		: T;

/** Fails to compile where a schema and the contract it stands for differ. */
type Same<A, B> = [OnTheWire<A>] extends [B] ? ([B] extends [OnTheWire<A>] ? true : never) : never;

true satisfies Same<z.input<typeof CreateSesSetupRequest>, contract.CreateSesSetupRequest>;
true satisfies Same<z.output<typeof DnsRecordResponse>, contract.DnsRecordResponse>;
true satisfies Same<z.output<typeof SesSetupDetailResponse>, contract.SesSetupDetailResponse>;
true satisfies Same<z.output<typeof SesSetupListItemResponse>, contract.SesSetupListItemResponse>;
true satisfies Same<
	z.output<typeof SesSetupPage>,
	contract.PaginatedResponse<contract.SesSetupListItemResponse>
>;
true satisfies Same<z.output<typeof DiagnosisResponse>, contract.DiagnosisResponse>;
true satisfies Same<z.output<typeof UseCaseResponse>, contract.UseCaseResponse>;
true satisfies Same<z.output<typeof UseCaseListResponse>, contract.UseCaseListResponse>;
true satisfies Same<z.output<typeof ValidationErrorItem>, contract.ValidationErrorItem>;
true satisfies Same<z.output<typeof ErrorResponse>, contract.ErrorResponse>;
