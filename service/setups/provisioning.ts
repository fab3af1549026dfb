import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { CreateSesSetupRequest } from "pulumi-channels/sdk";
import {
	Deadline,
	type DmarcPolicy,
	HeldUpstream,
	mailFromDomain,
	mailFromProblem,
	makeInSes,
	type Ses,
	TakenUpstream,
	UpstreamError,
	type UpstreamErrorKind,
	waitedInVain,
} from "pulumi-channels/ses";
import type { DeleteStanding, NewSetup, Setup, SetupStore } from "../database/setups.js";
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
} from "./errors.js";
import { firstOf } from "./first-of.js";
import type { Removal } from "./removal.js";

/** How long what others are at is left alone between two looks, in milliseconds. */
const lookMs = 100;

export interface ProvisioningOptions {
	/** How long one request may work upstream. Shorter than a lease, so that whoever works holds one. */
	readonly deadlineMs: number;
	readonly dmarcPolicy: DmarcPolicy;
	/** The label of the MAIL FROM domains of new setups; default: they have SES's. */
	readonly mailFrom: string | undefined;
	/**
	 * Who else receives mail at the name of a MAIL FROM domain; undefined where nobody can be asked without a resolver that
	 * would remember a "no" for as long as the zone's SOA says.
	 */
	readonly exchangersAt: ((name: string) => Promise<string[]>) | undefined;
	/** How many setups a workspace may have. */
	readonly setupsPerWorkspace: number;
}

/**
 * Makes setups and takes them down.
 *
 * The row comes first and holds the names; every upstream object carries the row's id; the row becomes active
 * last. So a crash at any point leaves a row from which {@link Recovery} knows what may stand upstream, and no
 * object without a row. A create that does not end well is undone, never finished later.
 */
export class Provisioning {
	readonly #looks = new Map<string, Promise<DeleteStanding>>();

	constructor(
		private readonly setups: SetupStore,
		private readonly upstream: Ses,
		private readonly removal: Removal,
		private readonly log: Logger,
		private readonly options: ProvisioningOptions,
	) {}

	/**
	 * @param createKey what the create is known by: sent again, it comes to the setup that it has made.
	 * @throws ApiError 409, 422, 502 or 504.
	 */
	async create(workspaceId: string, request: CreateSesSetupRequest, createKey?: string): Promise<Setup> {
		using deadline = new Deadline(this.options.deadlineMs, { line: workspaceId });
		const { tenant_name: tenantName, domain_identity: domain } = request;
		const { mailFrom } = this.options;
		const setup = await this.#reserve({ workspaceId, tenantName, domain, createKey, mailFrom }, deadline);
		if (setup.state === "active") return setup;
		try {
			return await this.#build(setup, deadline);
		} catch (error) {
			await this.#undo(setup, error, deadline);
			throw toApiError(error);
		}
	}

	/** @throws ApiError 404, 409 while use cases refer to it or tenants of other hands hold its identity, 502 or 504. */
	async delete(workspaceId: string, id: string): Promise<void> {
		using deadline = new Deadline(this.options.deadlineMs, { line: workspaceId });
		if (!(await this.setups.find(workspaceId, id))) throw notFound("setup-not-found", "SES setup");
		const useCases = await this.setups.markDeleting(id);
		if (useCases.length > 0) {
			const which = firstOf(useCases);
			throw conflict(
				"setup-in-use",
				`Setup still referenced by active use cases. Delete those first: ${which}.`,
			);
		}
		while (!(await this.#remove(id, deadline))) {
			// Another request or instance is at it: its end is ours.
			if ((await this.#untilFree(id, deadline)) === "done") return;
		}
	}

	/** Waits until nobody works on a delete any more. */
	async #untilFree(id: string, deadline: Deadline): Promise<"done" | "free"> {
		for (;;) {
			const standing = await this.#look(id);
			if (standing !== "leased") return standing;
			if (deadline.signal.aborted) throw timedOut(deadline.signal.reason);
		}
	}

	/** How a delete stands in a moment: one look for all who wait for it. */
	#look(id: string): Promise<DeleteStanding> {
		const underWay = this.#looks.get(id);
		if (underWay) return underWay;
		const look = sleep(lookMs)
			.then(() => this.setups.standingOfDelete(id))
			.finally(() => this.#looks.delete(id));
		this.#looks.set(id, look);
		return look;
	}

	/** The row of a new setup; or the setup that the same create has made before. */
	async #reserve(wanted: Omit<NewSetup, "id">, deadline: Deadline): Promise<Setup> {
		const { workspaceId, tenantName, domain, createKey } = wanted;
		for (;;) {
			const made = await this.#madeBefore(wanted, deadline);
			if (made) return made;
			const problem = wanted.mailFrom && mailFromProblem(wanted.mailFrom, domain);
			if (problem) throw invalid({ loc: ["body", "domain_identity"], msg: problem, type: "value_error" });
			await this.#refuseUsedName(wanted);
			const most = this.options.setupsPerWorkspace;
			const reserved = await this.setups.reserve({ id: randomUUID(), ...wanted }, most);
			if (reserved === "full")
				throw conflict(
					"setup-limit",
					`The workspace has ${most} setups, and may have no more. Delete one that is not needed, or ask whoever runs the service for more.`,
				);
			if (reserved) return reserved;
			for (const holder of await this.setups.holders(tenantName, domain)) {
				// The same create, which came a moment earlier.
				if (holder.workspaceId === workspaceId && holder.createKey === createKey) continue;
				// What an interrupted create or delete left is cleared away here, so that nobody waits for it.
				if (await this.#clearAway(holder, workspaceId, deadline)) continue;
				throw held(holder, wanted);
			}
			if (deadline.signal.aborted) throw timedOut(deadline.signal.reason);
		}
	}

	/** @throws ApiError 422 where somebody receives mail at the name that the MAIL FROM domain would have. */
	async #refuseUsedName({ mailFrom, domain }: Omit<NewSetup, "id">): Promise<void> {
		const name = mailFrom && mailFromDomain(mailFrom, domain);
		const others = (name && (await this.options.exchangersAt?.(name))) || [];
		if (others.length === 0) return;
		const msg =
			`${name}, which is to be the MAIL FROM domain, has the MX record ${others.join(", ")}, and Amazon SES wants that name ` +
			"to itself. Remove the record, or ask whoever runs the service for another label";
		throw invalid({ loc: ["body", "domain_identity"], msg, type: "value_error" });
	}

	/**
	 * The setup that an earlier request of the same create has made; undefined where the key is free. One that is under way
	 * is waited for, and one that was interrupted is undone.
	 */
	async #madeBefore(wanted: Omit<NewSetup, "id">, deadline: Deadline): Promise<Setup | undefined> {
		const { workspaceId, createKey } = wanted;
		if (createKey === undefined) return undefined;
		for (;;) {
			const made = await this.setups.byCreateKey(workspaceId, createKey);
			if (!made) return undefined;
			if (made.tenantName !== wanted.tenantName || made.domain !== wanted.domain) throw keyOfAnother();
			if (made.state === "active") return made;
			if (made.state === "deleting" || made.state === "deleted") throw createWasDeleted(made.id);
			if (await this.#remove(made.id, deadline)) continue;
			if (deadline.signal.aborted) throw stillUnderWay();
			await sleep(lookMs);
		}
	}

	/** As {@link #remove}. Which tenants hold it is told in its own workspace only. */
	async #clearAway(holder: Setup, workspaceId: string, deadline: Deadline): Promise<boolean> {
		try {
			return await this.#remove(holder.id, deadline);
		} catch (error) {
			const isHeld = error instanceof ApiError && error.cause instanceof HeldUpstream;
			if (isHeld && holder.workspaceId !== workspaceId) return false;
			throw error;
		}
	}

	async #build(setup: Setup, deadline: Deadline): Promise<Setup> {
		const { dmarcPolicy } = this.options;
		const { dnsRecords: records } = await makeInSes(this.upstream, setup, { dmarcPolicy, deadline }, (make) =>
			this.#own(make, deadline),
		);
		if (!(await this.setups.activate(setup, records))) {
			throw upstreamFailure(
				504,
				"upstream-timeout",
				"The create took so long that it was given up and is being undone. Try again.",
			);
		}
		return { ...setup, state: "active", dnsRecords: records };
	}

	/**
	 * Creates an upstream object; where a removed setup of ours left one of the name behind, clears that away first.
	 * (A process that was paused between deciding and sending may create what its successor has taken down.)
	 */
	async #own<Made>(create: () => Promise<Made>, deadline: Deadline): Promise<Made> {
		for (;;) {
			try {
				return await create();
			} catch (error) {
				if (!(error instanceof TakenUpstream) || error.owner === undefined) throw error;
				if (await this.#remove(error.owner, deadline)) continue;
				// The recovery loop may be at it at this very moment.
				if ((await this.setups.byId(error.owner))?.state !== "deleted") throw error;
				await sleep(lookMs);
				if (deadline.signal.aborted) throw timedOut(deadline.signal.reason);
			}
		}
	}

	/** Whether the setup is gone now; false when it is active, unknown or leased to another. */
	async #remove(id: string, deadline: Deadline): Promise<boolean> {
		const claimed = await this.setups.claim(id);
		if (!claimed) return false;
		try {
			return await this.removal.run(claimed, deadline);
		} catch (error) {
			throw toApiError(error);
		}
	}

	/** Takes back what a failed create has made: at once when SES answers, otherwise by the recovery loop. */
	async #undo(setup: Setup, reason: unknown, deadline: Deadline): Promise<void> {
		this.log.warn({ err: reason, setupId: setup.id }, "a create failed and is undone");
		try {
			if (!(await this.setups.abandon(setup))) return;
			const answersNow =
				reason instanceof TakenUpstream ||
				(reason instanceof UpstreamError && (reason.kind === "refused" || reason.kind === "limited"));
			if (answersNow) await this.removal.run(setup, deadline);
			else await this.setups.postpone(setup, { delayMs: 0, attempts: 0 });
		} catch (error) {
			// The lease runs out and the recovery loop does it.
			this.log.warn({ err: error, setupId: setup.id }, "undoing a create is left to the recovery loop");
		}
	}
}

/** What the caller of the API is told about a failure upstream. The log has the rest. */
function toApiError(error: unknown): unknown {
	if (error instanceof TakenUpstream) {
		const what = error.what === "tenant" ? "Tenant name" : "Domain identity";
		return conflict(error.code, `${what} already exists upstream.`, { cause: error });
	}
	if (error instanceof HeldUpstream) {
		const which = error.tenants.map((name) => `"${name}"`).join(", ");
		return conflict(
			error.code,
			`The domain identity is also associated in SES with ${error.tenants.length === 1 ? "tenant" : "tenants"} ${which}, which the setup did not make, so nothing was deleted. Remove that association in SES (DeleteTenantResourceAssociation), then delete the setup again.`,
			{ cause: error },
		);
	}
	if (!(error instanceof UpstreamError)) return error;
	if (error.reason === waitedInVain) {
		const why = "Upstream email service is busy: other requests came first until this one's time was over.";
		return upstreamFailure(504, error.code, `${why} Try again in a while.`, { cause: error });
	}
	if (error.kind === "timeout") return timedOut(error);
	const field = fieldBehind.get(error.operation);
	if (error.kind === "refused" && field !== undefined) {
		const said = error.said ? `: ${error.said}` : "";
		const msg = `Upstream email service refused it (${error.operation}: ${error.reason}${said}).`;
		return invalid({ loc: ["body", field], msg, type: "value_error" });
	}
	const what = `Upstream email service ${whatHappened[error.kind]} (${error.message}).`;
	return upstreamFailure(502, error.code, what, { cause: error });
}

const whatHappened: Readonly<Record<Exclude<UpstreamErrorKind, "timeout">, string>> = {
	refused: "refused the request",
	limited: "refused the request",
	denied: "does not accept the AWS credentials",
	unavailable: "unavailable",
};

/** What a client sent wrong when SES refuses these. */
const fieldBehind = new Map([
	["CreateTenant", "tenant_name"],
	["CreateEmailIdentity", "domain_identity"],
	["PutEmailIdentityMailFromAttributes", "domain_identity"],
	["CreateTenantResourceAssociation", "domain_identity"],
]);

function timedOut(cause: unknown): ApiError {
	return upstreamFailure(504, "upstream-timeout", "Upstream email service timed out.", { cause });
}
