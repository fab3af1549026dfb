import * as answers from "./answers.js";
import type { Caller, CallOptions, ChannelsAnswer } from "./call.js";
import type {
	CreateSesSetupRequest,
	DiagnosisResponse,
	PaginatedResponse,
	SesSetupDetailResponse,
	SesSetupListItemResponse,
} from "./contract.js";
import { InvalidOptionError } from "./errors.js";
import { readPages } from "./pages.js";

export interface ListOptions extends CallOptions {
	/** Items per page, 1 to 20. Default 20; the whole list is read in any case. */
	limit?: number | undefined;
}

type SetupPage = PaginatedResponse<SesSetupListItemResponse>;

/** The e-mail domains of a workspace. */
export interface SesSetups {
	/**
	 * Registers a domain (permission Channel.create). It carries an `Idempotency-Key` of its own, and is sent again with it
	 * where it may have been done: an API that knows such keys makes one setup then, and answers as it did first. An error
	 * that `isAmbiguous` leaves open whether the setup exists.
	 */
	create(
		setup: { tenantName: string; domainIdentity: string },
		options?: CallOptions,
	): Promise<ChannelsAnswer<SesSetupDetailResponse>>;
	/** Every setup, page by page as it is consumed (permission Channel.view). */
	list(options?: ListOptions): AsyncGenerator<SesSetupListItemResponse, void, void>;
	/** The same as whole answers. `timeoutMs` holds for each page. */
	pages(options?: ListOptions): AsyncGenerator<ChannelsAnswer<SetupPage>, void, void>;
	/** One setup, its records checked live (permission Channel.view). */
	get(id: string, options?: CallOptions): Promise<ChannelsAnswer<SesSetupDetailResponse>>;
	/** The same as `get`, as an explicit act (permission Channel.view). Has no other effect, so it is repeated. */
	verify(id: string, options?: CallOptions): Promise<ChannelsAnswer<SesSetupDetailResponse>>;
	/**
	 * What each name server and SES say of a setup now (permission Channel.view), by the self-hosted service. Any other
	 * API has no such endpoint and throws NotFoundError; so does this one for a setup that is gone.
	 */
	diagnosis(id: string, options?: CallOptions): Promise<ChannelsAnswer<DiagnosisResponse>>;
	/**
	 * Deletes a setup (permission Channel.delete). Repeated where the outcome is unknown; a NotFoundError with
	 * more than one attempt then means that an earlier one did the work.
	 */
	delete(id: string, options?: CallOptions): Promise<ChannelsAnswer<undefined>>;
}

const MAX_PAGE = 20;
const PATH = ["channels", "ses-setup"];

const view = { permission: "Channel.view", expected: 200, repeatable: true } as const;
const detail = answers.jsonOf<SesSetupDetailResponse>(answers.setupDetail);
const page = answers.jsonOf<SetupPage>(answers.setupPage);
const diagnosis = answers.jsonOf<DiagnosisResponse>(answers.diagnosis);

export function createSesSetups(call: Caller, uuid: () => string): SesSetups {
	async function* pages({ limit = MAX_PAGE, ...options }: ListOptions = {}): ReturnType<SesSetups["pages"]> {
		if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE)
			throw new InvalidOptionError(`limit ${limit} is no whole number from 1 to ${MAX_PAGE}`);
		yield* readPages(
			call,
			{
				...view,
				doing: "listing SES setups",
				method: "GET",
				path: PATH,
				query: { limit: String(limit) },
				read: page,
			},
			options,
		);
	}

	return {
		create({ tenantName, domainIdentity }, options) {
			const body: CreateSesSetupRequest = { tenant_name: tenantName, domain_identity: domainIdentity };
			return call(
				{
					doing: `creating the SES setup ${tenantName} (${domainIdentity})`,
					permission: "Channel.create",
					method: "POST",
					path: PATH,
					body,
					idempotencyKey: uuid(),
					expected: 201,
					read: detail,
					repeatable: "keyed",
				},
				options,
			);
		},
		async *list(options) {
			for await (const { data } of pages(options)) yield* data.items;
		},
		pages,
		get: (id, options) =>
			call(
				{ ...view, doing: `reading the SES setup ${id}`, method: "GET", path: [...PATH, id], read: detail },
				options,
			),
		verify: (id, options) =>
			call(
				{
					...view,
					doing: `verifying the SES setup ${id}`,
					method: "POST",
					path: [...PATH, id, "verify"],
					read: detail,
				},
				options,
			),
		diagnosis: (id, options) =>
			call(
				{
					...view,
					doing: `diagnosing the SES setup ${id}`,
					method: "GET",
					path: [...PATH, id, "diagnosis"],
					read: diagnosis,
				},
				options,
			),
		delete: (id, options) =>
			call(
				{
					doing: `deleting the SES setup ${id}`,
					permission: "Channel.delete",
					method: "DELETE",
					path: [...PATH, id],
					expected: 204,
					read: () => ({ value: undefined }),
					repeatable: true,
				},
				options,
			),
	};
}
