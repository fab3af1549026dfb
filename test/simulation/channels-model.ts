import type { z } from "zod";
import { isPublished, type Lookups } from "../../dns/index.js";
import { checkDkim, type DkimLookups } from "../../sandbox/ses/dkim.js";
import type { DkimStatus, Identity } from "../../sandbox/ses/state.js";
import {
	type DnsRecordResponse,
	type HttpAnswer,
	type HttpRequest,
	TransportError,
} from "../../sdk/index.js";
import * as schemas from "../../service/http/schemas.js";
import { validationErrors } from "../../service/http/validation.js";
import {
	ApiError,
	conflict,
	createWasDeleted,
	held,
	invalid,
	keyOfAnother,
	notFound,
	stillUnderWay,
	upstreamFailure,
} from "../../service/setups/errors.js";
import { sendsFor } from "../../service/setups/senders.js";
import { type DmarcPolicy, dnsRecords } from "../../ses/setup/records.js";
import { mailFrom } from "../support/asking-for.js";
import type { SimulatedClock } from "./clock.js";
import type { Random } from "./random.js";

type SetupState = "creating" | "undoing" | "active" | "deleting";

export interface ModelSetup {
	readonly seq: number;
	readonly id: string;
	readonly workspaceId: string;
	readonly tenantName: string;
	readonly domain: string;
	readonly createdAt: number;
	/** Of the create that made it. */
	readonly createKey: string | undefined;
	state: SetupState;
	updatedAt: number;
	checkedAt: number | null;
	records: DnsRecordResponse[];
	removal?: Promise<void>;
}

type Create = Pick<ModelSetup, "workspaceId" | "createKey" | "tenantName" | "domain">;

interface ModelUseCase {
	readonly seq: number;
	readonly id: string;
	readonly workspaceId: string;
	readonly setupId: string;
	readonly entityName: string;
	readonly name: string;
	readonly description: string | null;
	readonly sender: string;
	readonly emailType: string;
	readonly createdAt: number;
}

/**
 * How a create ends that does not end well: `late` after its client has given up, `unavailable` not at all, `killed` with
 * the process that works on it.
 */
export type CreateTrouble = "late" | "unavailable" | "killed";

export interface ChannelsModelOptions {
	readonly clock: SimulatedClock;
	readonly random: Random;
	/** How it sees the records. */
	readonly lookups: Pick<Lookups, "checkAll">;
	/** How SES sees a CNAME. */
	readonly cname: DkimLookups["cname"];
	readonly dmarcPolicy?: DmarcPolicy;
	/** How far its clock is ahead. Default 0. */
	readonly aheadMs?: number;
	/** From when on setups ask for the records of a custom MAIL FROM. Default: never. */
	readonly mailFromAt?: number | undefined;
	/** How long the work of a request takes. Default: none. */
	readonly workMs?: () => number;
}

const region = "us-east-1";
const dkimAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
/** When SES is asked to look again for keys that it gave up. */
const restartMs = 3_600_000;
/** How long a request may take, a create that nobody works on has its names, and a deleted setup is remembered. */
const deadlineMs = 20_000;
const leaseMs = 30_000;
const rememberedMs = 3_660_000;
/** Between two looks at a create that is under way. */
const lookMs = 250;

/**
 * The Channels API in memory and on a simulated clock: what `service/` does, without its database, its sockets and its
 * SES. `channels-model.test.ts` holds it to the real one.
 */
export class ChannelsModel {
	readonly setups: ModelSetup[] = [];
	readonly useCases: ModelUseCase[] = [];
	/** Deleted setups that a create with a key had made. */
	readonly #deleted: { readonly setup: ModelSetup; readonly until: number }[] = [];
	/** By key. */
	readonly #workspaces = new Map<string, string>();
	/** Of domains, in SES. */
	readonly identities = new Map<string, Identity & { owner: string }>();
	readonly #restarts = new Map<string, number>();
	readonly #looks = new Map<string, Promise<ModelSetup>>();
	/** Of the next create. */
	trouble: CreateTrouble | undefined;
	#seq = 0;

	constructor(private readonly options: ChannelsModelOptions) {}

	createKey(workspaceId: string): string {
		const key = `chk_${this.options.random.text(40, "0123456789abcdef")}`;
		this.#workspaces.set(key, workspaceId);
		return key;
	}

	/** Those that the API shows. */
	get visible(): ModelSetup[] {
		return this.setups.filter(({ state }) => state === "active" || state === "deleting");
	}

	async answer(request: Pick<HttpRequest, "method" | "url" | "headers" | "body">): Promise<HttpAnswer> {
		try {
			return await this.#route(request);
		} catch (error) {
			if (!(error instanceof ApiError)) throw error;
			return this.#answer(error.status, { detail: error.detail }, error.headers);
		}
	}

	async #route({
		method,
		url,
		headers,
		body,
	}: Pick<HttpRequest, "method" | "url" | "headers" | "body">): Promise<HttpAnswer> {
		const [, workspaceId = "", path = ""] = /^\/v1\/([^/]+)\/(.+)$/.exec(url.pathname) ?? [];
		const workspace = this.#authorize(headers.authorization, workspaceId);
		const [, id, action] = /^channels\/ses-setup\/([^/]+)(?:\/(verify|diagnosis))?$/.exec(path) ?? [];
		const query = Object.fromEntries(url.searchParams);
		if (path === "channels/ses-setup") {
			if (method === "POST") return this.#answer(201, detailOf(await this.#create(workspace, headers, body)));
			if (method === "GET") return this.#answer(200, this.#list(workspace, query));
		} else if (id !== undefined) {
			const setupId = checked("param", schemas.SetupPath, {
				workspace_id: workspaceId,
				setup_id: id,
			}).setup_id;
			if (method === "DELETE" && action === undefined) {
				await this.#delete(workspace, setupId);
				return this.#answer(204, undefined);
			}
			if (method === "GET" && action === undefined)
				return this.#answer(200, detailOf(await this.#shared(workspace, setupId)));
			if (method === "POST" && action === "verify")
				return this.#answer(200, detailOf(await this.#look(workspace, setupId)));
		} else if (path === "use-cases") {
			if (method === "POST") return this.#answer(201, this.#createUseCase(workspace, body));
			if (method === "GET") return this.#answer(200, this.#listUseCases(workspace, query));
		} else if (path.startsWith("use-cases/") && method === "DELETE") {
			const useCaseId = path.slice("use-cases/".length);
			const { use_case_id } = checked("param", schemas.UseCasePath, {
				workspace_id: workspaceId,
				use_case_id: useCaseId,
			});
			const index = this.useCases.findIndex(
				(each) => each.id === use_case_id && each.workspaceId === workspace,
			);
			if (index < 0) throw notFound("use-case-not-found", "Use case");
			this.useCases.splice(index, 1);
			return this.#answer(204, undefined);
		}
		// As an API has it that knows no diagnosis: the vendor's.
		throw new ApiError(404, "no-such-path", "Not Found");
	}

	#authorize(authorization: string | undefined, workspaceId: string): string {
		const key = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
		if (key === undefined)
			throw new ApiError(401, "not-authenticated", "Not authenticated: send the API key as a bearer token.");
		const workspace = this.#workspaces.get(key);
		if (workspace === undefined)
			throw new ApiError(401, "not-authenticated", "Invalid API key: it is unknown or was revoked.");
		if (workspace !== workspaceId.toLowerCase())
			throw new ApiError(
				403,
				"permission-missing",
				"Insufficient permissions: the API key belongs to another workspace.",
			);
		return workspace;
	}

	async #create(
		workspaceId: string,
		headers: HttpRequest["headers"],
		body: string | undefined,
	): Promise<ModelSetup> {
		const { "Idempotency-Key": createKey } = checked("header", schemas.CreateHeaders, {
			"Idempotency-Key": headers["idempotency-key"],
		});
		const request = checked("json", schemas.CreateSesSetupRequest, jsonOf(body));
		const { tenant_name: tenantName, domain_identity: domain } = request;
		const wanted = { workspaceId, createKey, tenantName, domain };
		let holder: ModelSetup | undefined;
		do {
			const made = await this.#madeBefore(wanted);
			if (made) return made;
			holder = this.setups.find((each) => each.tenantName === tenantName || each.domain === domain);
			// Another copy of it may have been faster.
		} while (holder && isOfCreate(wanted, holder));
		const trouble = this.trouble;
		this.trouble = undefined;
		if (holder) throw held(holder, wanted);
		if (this.identities.has(domain))
			throw conflict("exists-upstream", "Domain identity already exists upstream.");
		const now = this.#now();
		this.#seq += 1;
		const setup: ModelSetup = {
			seq: this.#seq,
			id: this.options.random.uuid(),
			workspaceId,
			tenantName,
			domain,
			createdAt: now,
			createKey,
			state: "creating",
			updatedAt: now,
			checkedAt: null,
			records: [],
		};
		this.setups.push(setup);
		await this.#work();
		if (trouble === "killed") {
			void this.#pass(leaseMs).then(() => {
				setup.state = "undoing";
				this.#forget(setup);
			});
			throw new TransportError("lost", true, "other side closed", "UND_ERR_SOCKET");
		}
		if (trouble === "unavailable") {
			setup.state = "undoing";
			void this.#pass(5_000).then(() => this.#forget(setup));
			throw upstreamFailure(
				502,
				"upstream-unavailable",
				"Upstream email service unavailable (CreateEmailIdentity).",
			);
		}
		if (trouble === "late") await this.#pass(35_000);
		const identity = this.#createIdentity(setup);
		const dkim = {
			origin: "AWS_SES",
			tokens: [...identity.tokens],
			signingHostedZone: "dkim.amazonses.com",
		};
		const { dmarcPolicy = "none" } = this.options;
		setup.records = dnsRecords({ domain, dkim, mailFrom: undefined }, region, { dmarcPolicy });
		this.#askForMailFrom(setup);
		setup.state = "active";
		return setup;
	}

	#askForMailFrom(setup: ModelSetup): void {
		const { mailFromAt = Number.POSITIVE_INFINITY, clock } = this.options;
		const more = mailFrom(setup.domain) as Omit<DnsRecordResponse, "verified">[];
		const isAsked = setup.records.some(({ address }) => address === more[0]?.address);
		if (clock.now() < mailFromAt || isAsked) return;
		setup.records = [...setup.records, ...more.map((record) => ({ ...record, verified: false }))];
	}

	/** The setup that an earlier request of the same create has made; undefined where the key is free. */
	async #madeBefore(wanted: Create): Promise<ModelSetup | undefined> {
		const { tenantName, domain } = wanted;
		const isOfIt = (each: ModelSetup) => isOfCreate(wanted, each);
		const deadline = this.#now() + deadlineMs;
		for (;;) {
			const deleted = this.#deleted.find(({ setup, until }) => until > this.#now() && isOfIt(setup))?.setup;
			const made = this.setups.find(isOfIt) ?? deleted;
			if (!made) return undefined;
			if (made.tenantName !== tenantName || made.domain !== domain) throw keyOfAnother();
			if (made === deleted || made.state === "deleting") throw createWasDeleted(made.id);
			if (made.state === "active") return made;
			if (this.#now() >= deadline) throw stillUnderWay();
			await this.#pass(lookMs);
		}
	}

	#createIdentity(setup: ModelSetup): Identity {
		const tokens = [0, 1, 2].map(() => this.options.random.text(32, dkimAlphabet));
		const identity = {
			owner: setup.id,
			name: setup.domain,
			type: "DOMAIN" as const,
			arn: `arn:aws:ses:${region}:000000000000:identity/${setup.domain}`,
			createdAt: this.#now(),
			tags: [],
			dkim: { by: "ses" as const, tokens, hostedZone: "dkim.amazonses.com", namesZone: true },
			tokens,
			status: "PENDING" as DkimStatus,
			lookingSince: this.#now(),
		};
		this.identities.set(setup.domain, identity);
		return identity;
	}

	async #delete(workspaceId: string, id: string): Promise<void> {
		const setup = this.#find(workspaceId, id);
		const users = this.useCases.filter(({ setupId }) => setupId === id);
		if (setup.state === "active") {
			if (users.length > 0) {
				const names = users.map(({ entityName, name }) => `${entityName}/${name}`).join(", ");
				throw conflict(
					"setup-in-use",
					`Setup still referenced by active use cases. Delete those first: ${names}.`,
				);
			}
			setup.state = "deleting";
			setup.updatedAt = this.#now();
			setup.removal = this.#work().then(() => this.#forget(setup));
		}
		await setup.removal;
	}

	#forget(setup: ModelSetup): void {
		const index = this.setups.indexOf(setup);
		// Somebody else was faster.
		if (index < 0) return;
		this.setups.splice(index, 1);
		// What was undone leaves its key free.
		if (setup.createKey !== undefined && setup.state !== "undoing")
			this.#deleted.push({ setup, until: this.#now() + rememberedMs });
		if (this.identities.get(setup.domain)?.owner === setup.id) this.identities.delete(setup.domain);
	}

	/** Makes a use case, as an application does. */
	refer(setup: ModelSetup, name: string): void {
		this.#seq += 1;
		this.useCases.push({
			seq: this.#seq,
			id: this.options.random.uuid(),
			workspaceId: setup.workspaceId,
			setupId: setup.id,
			entityName: "entity",
			name,
			description: null,
			sender: `hello@${setup.domain}`,
			emailType: "transactional",
			createdAt: this.#now(),
		});
	}

	/** Deletes a setup as a person does who has access to the API. */
	remove(setup: ModelSetup): void {
		this.#forget(setup);
	}

	#find(workspaceId: string, id: string): ModelSetup {
		const setup = this.visible.find((each) => each.id === id && each.workspaceId === workspaceId);
		if (!setup) throw notFound("setup-not-found", "SES setup");
		this.#askForMailFrom(setup);
		return setup;
	}

	#shared(workspaceId: string, id: string): Promise<ModelSetup> {
		const underWay = this.#looks.get(id);
		if (underWay) return underWay;
		const look = this.#look(workspaceId, id).finally(() => this.#looks.delete(id));
		this.#looks.set(id, look);
		return look;
	}

	async #look(workspaceId: string, id: string): Promise<ModelSetup> {
		const setup = this.#find(workspaceId, id);
		const checks = await this.options.lookups.checkAll(setup.records);
		const published = checks.map(isPublished);
		const isDkim = setup.records.map(({ type }) => type === "CNAME");
		const stands = published.every((verdict, index) => verdict === true || !isDkim[index]);
		const accepted = stands ? await this.#isAccepted(setup) : setup.records.some(isAcceptedCname);
		await this.#work();
		this.#find(workspaceId, id);
		const verdicts = published.map((verdict, index) => (verdict && isDkim[index] ? accepted : verdict));
		setup.records = setup.records.map((record, index) => ({
			...record,
			verified: verdicts[index] ?? record.verified,
		}));
		if (!verdicts.includes(undefined)) setup.checkedAt = this.#now();
		return setup;
	}

	async #isAccepted(setup: ModelSetup): Promise<boolean> {
		const identity = this.identities.get(setup.domain);
		if (identity?.owner !== setup.id) return false;
		if (identity.status === "FAILED") {
			const last = this.#restarts.get(setup.id) ?? Number.NEGATIVE_INFINITY;
			if (this.#now() - last >= restartMs) {
				this.#restarts.set(setup.id, this.#now());
				identity.status = "PENDING";
				identity.lookingSince = this.#now();
			}
			return false;
		}
		// In it nobody brings keys of their own.
		const lookups = { cname: this.options.cname, txt: async () => ({ texts: [] }) };
		await checkDkim(identity, lookups, this.#now());
		// TypeScript keeps the narrowing across the call.
		return (identity.status as DkimStatus) === "SUCCESS";
	}

	#list(workspaceId: string, query: object) {
		const { limit, continuation_token } = checked("query", schemas.PageQuery, query);
		const mine = this.visible.filter(
			(each) => each.workspaceId === workspaceId && each.seq > continuation_token,
		);
		return pageOf(mine, limit, (setup) => {
			const { dns_records, ...shared } = detailOf(setup);
			return { ...shared, dns_verified: dns_records.every(({ verified }) => verified) };
		});
	}

	#createUseCase(workspaceId: string, body: string | undefined) {
		const request = checked("json", schemas.EmailUseCaseRequest, jsonOf(body));
		const setup = this.visible.find(
			(each) => each.id === request.setup_id && each.workspaceId === workspaceId,
		);
		if (setup && !sendsFor(setup.domain, request.sender_email_address)) {
			const msg = `Input should be an address of ${setup.domain}, the setup's domain, or of a domain below it`;
			throw invalid({ loc: ["body", "sender_email_address"], msg, type: "value_error" });
		}
		if (!setup) throw notFound("setup-not-found", "Setup");
		if (setup.state === "deleting") throw conflict("setup-being-deleted", "The setup is being deleted.");
		const { entity_name: entityName, name } = request;
		if (
			this.useCases.some(
				(each) => each.workspaceId === workspaceId && each.entityName === entityName && each.name === name,
			)
		)
			throw conflict("use-case-exists", `Use case ${entityName}/${name} already exists.`);
		this.#seq += 1;
		const useCase: ModelUseCase = {
			seq: this.#seq,
			id: this.options.random.uuid(),
			workspaceId,
			setupId: setup.id,
			entityName,
			name,
			description: request.description ?? null,
			sender: request.sender_email_address,
			emailType: request.email_type,
			createdAt: this.#now(),
		};
		this.useCases.push(useCase);
		return useCaseOf(useCase);
	}

	#listUseCases(workspaceId: string, query: object) {
		const { entity_name, channel, setup_id, continuation_token, limit } = checked(
			"query",
			schemas.UseCaseQuery,
			query,
		);
		const mine = this.useCases.filter(
			(each) =>
				each.workspaceId === workspaceId &&
				each.seq > continuation_token &&
				(channel ?? "email") === "email" &&
				(entity_name === undefined || each.entityName === entity_name) &&
				(setup_id === undefined || each.setupId === setup_id),
		);
		return pageOf(mine, limit ?? 1_000, useCaseOf);
	}

	#answer(
		status: number,
		body: object | undefined,
		headers: Readonly<Record<string, string>> = {},
	): HttpAnswer {
		return {
			status,
			headers: {
				...(body && { "content-type": "application/json" }),
				date: new Date(this.#now()).toUTCString(),
				...headers,
			},
			body: body === undefined ? "" : JSON.stringify(body),
		};
	}

	#now(): number {
		return this.options.clock.now() + (this.options.aheadMs ?? 0);
	}

	#work(): Promise<void> {
		const { workMs } = this.options;
		return workMs ? this.#pass(workMs()) : Promise.resolve();
	}

	#pass(ms: number): Promise<void> {
		return this.options.clock.sleep(ms);
	}
}

const isOfCreate = ({ workspaceId, createKey }: Create, setup: ModelSetup) =>
	createKey !== undefined && setup.createKey === createKey && setup.workspaceId === workspaceId;

const isAcceptedCname = ({ type, verified }: DnsRecordResponse) => type === "CNAME" && verified;

/** @throws ApiError 422 */
function checked<Schema extends z.ZodType>(target: string, schema: Schema, value: unknown): z.output<Schema> {
	const result = schema.safeParse(value);
	if (result.success) return result.data;
	throw new ApiError(422, "invalid-request", validationErrors(target, result.error.issues, value));
}

function jsonOf(body: string | undefined): unknown {
	try {
		return JSON.parse(body ?? "");
	} catch {
		throw invalid({ loc: ["body"], msg: "The body is no valid JSON", type: "json_invalid" });
	}
}

const isoTime = (milliseconds: number) => new Date(milliseconds).toISOString();

const detailOf = (setup: ModelSetup) => ({
	id: setup.id,
	tenant_name: setup.tenantName,
	domain_identity: setup.domain,
	dns_checked_at: setup.checkedAt === null ? null : isoTime(setup.checkedAt),
	dns_records: setup.records,
	created_at: isoTime(setup.createdAt),
	updated_at: isoTime(setup.updatedAt),
});

const useCaseOf = (useCase: ModelUseCase) => ({
	id: useCase.id,
	channel: "email",
	entity_name: useCase.entityName,
	name: useCase.name,
	description: useCase.description,
	setup_id: useCase.setupId,
	sender_email_address: useCase.sender,
	email_type: useCase.emailType,
	configuration_set_name: null,
	tier: null,
	created_at: isoTime(useCase.createdAt),
	updated_at: isoTime(useCase.createdAt),
});

function pageOf<Item extends { seq: number }, Shown>(
	items: readonly Item[],
	limit: number,
	show: (item: Item) => Shown,
) {
	const page = items.slice(0, limit);
	const hasMore = items.length > limit;
	return {
		items: page.map(show),
		has_more: hasMore,
		continuation_token: hasMore ? (page.at(-1)?.seq ?? null) : null,
		total: null,
	};
}
