import { z } from "@hono/zod-openapi";
import { domainProblem } from "pulumi-channels/dns";
import type * as contract from "pulumi-channels/sdk";

/** The wire format, as it is checked and as `/openapi.json` shows it. The types are those of the SDK's contract. */

const uuid = z
	.guid({ message: "Input should be a valid UUID" })
	.transform((text) => text.toLowerCase())
	.openapi({ type: "string", format: "uuid" });

const dateTime = z.iso.datetime();

export const WorkspacePath = z.object({ workspace_id: uuid });
export const SetupPath = z.object({ workspace_id: uuid, setup_id: uuid });
export const UseCasePath = z.object({ workspace_id: uuid, use_case_id: uuid });

const queryInteger = z
	.string()
	.regex(/^-?\d+$/, "Input should be a valid integer, in decimal digits")
	.transform(Number);

export const PageQuery = z.object({
	limit: queryInteger
		.pipe(
			z.number().gt(0, "Input should be greater than 0").max(20, "Input should be less than or equal to 20"),
		)
		.default(10)
		.openapi({ type: "integer", default: 10, exclusiveMinimum: 0, maximum: 20 }),
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
			.openapi({ type: "string", minLength: 1, maxLength: 255 }),
	})
	.openapi("CreateSesSetupRequest");

export const DnsRecordResponse = z
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

export const SesSetupListItemResponse = z
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

export const SesSetupPage = z
	.object({
		items: z.array(SesSetupListItemResponse),
		has_more: z.boolean(),
		continuation_token: z.number().nullable().exactOptional(),
		total: z.number().nullable().exactOptional(),
	})
	.openapi("PaginatedResponse_SesSetupListItemResponse_");

const channels = ["outbound_voice", "inbound_voice", "ringless_voicemail", "email"] as const;

export const UseCaseQuery = z.object({
	entity_name: z.string().optional(),
	channel: z.enum(channels).optional(),
	setup_id: uuid.nullish(),
});

const useCaseName = z
	.string()
	.min(1, first)
	.max(31, first)
	.regex(/^[A-Za-z\- ]+$/, "Input should hold only letters, hyphens and spaces");

/** What a database can hold: no NUL, which PostgreSQL has not, and no half of a character. */
const storable = (text: string) => !/[\0\p{Surrogate}]/u.test(text);

const useCaseFields = {
	entity_name: useCaseName,
	name: useCaseName,
	description: z
		.string()
		.max(2000)
		.refine(storable, "Input should hold no NUL and no lone surrogate")
		.nullish(),
	setup_id: uuid,
};

export const EmailUseCaseRequest = z
	.object({
		channel: z.literal("email"),
		...useCaseFields,
		sender_email_address: z.email(),
		email_type: z.enum(["transactional", "marketing"]),
	})
	.openapi("EmailUseCaseRequest");

export const VoiceUseCaseRequest = z
	.object({ channel: z.enum(["outbound_voice", "inbound_voice", "ringless_voicemail"]), ...useCaseFields })
	.openapi("VoiceUseCaseRequest");

export const CreateUseCaseRequest = z.discriminatedUnion("channel", [
	VoiceUseCaseRequest,
	EmailUseCaseRequest,
]);

const optionalText = z.string().nullable().exactOptional();

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
	.object({ items: z.array(UseCaseResponse) })
	.openapi("UseCaseListResponse");

export const ValidationErrorItem = z
	.object({
		loc: z.array(z.union([z.string(), z.number().int()])),
		msg: z.string(),
		type: z.string(),
		input: z.unknown().exactOptional(),
		ctx: z.record(z.string(), z.unknown()).exactOptional(),
	})
	.openapi("ValidationError");

export const HttpValidationError = z
	.object({ detail: z.array(ValidationErrorItem).exactOptional() })
	.openapi("HTTPValidationError");

/** Fails to compile where a schema and the contract it stands for differ. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;

true satisfies Same<z.input<typeof CreateSesSetupRequest>, contract.CreateSesSetupRequest>;
true satisfies Same<z.output<typeof DnsRecordResponse>, contract.DnsRecordResponse>;
true satisfies Same<z.output<typeof SesSetupDetailResponse>, contract.SesSetupDetailResponse>;
true satisfies Same<z.output<typeof SesSetupListItemResponse>, contract.SesSetupListItemResponse>;
true satisfies Same<
	z.output<typeof SesSetupPage>,
	contract.PaginatedResponse<contract.SesSetupListItemResponse>
>;
true satisfies Same<z.output<typeof UseCaseResponse>, contract.UseCaseResponse>;
true satisfies Same<z.output<typeof UseCaseListResponse>, contract.UseCaseListResponse>;
true satisfies Same<z.output<typeof ValidationErrorItem>, contract.ValidationErrorItem>;
