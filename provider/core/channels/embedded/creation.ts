import type { DnsRecordResponse } from "../../../../sdk/contract.js";
import { Deadline, makeInSes, TakenUpstream, UpstreamError } from "../../../../ses/index.js";
import { lines, linesOf } from "../../errors.js";
import type { Operation } from "../../operation.js";
import { HalfMadeError } from "../half-made.js";
import type { Names } from "../setup.js";
import type { Here, RecordSettings } from "./here.js";
import { absentLooks } from "./locate.js";
import { lookAt } from "./look.js";
import { markOf } from "./marks.js";
import { othersAreFaster, refusalOf } from "./refusals.js";
import { standingOf, withoutGoing } from "./standing.js";

/** How long a create may take, with its turns: SES takes about one call a second of each operation. */
const createMs = 5 * 60_000;
/** How long a failed one may take to take down what it made; the engine kills a stopped process after five seconds. */
const undoMs = { failed: 30_000, stopped: 2_000 };

export interface Creation {
	readonly names: Names;
	/** Whether an identity that other hands have made is taken in. */
	readonly adopt: boolean;
	readonly settings: RecordSettings;
	readonly newId: () => string;
	/** Whether this process has taken a setup down. */
	readonly isGone: (id: string) => boolean;
}

export interface Made {
	readonly id: string;
	readonly records: DnsRecordResponse[];
	readonly createdAt: Date;
}

/**
 * Makes what a setup has in SES: its tenant, its identity, the MAIL FROM domain, and the association of the two. All of it
 * carries the mark of the resource from the first call on, so what an interrupted run left half-made is finished here.
 *
 * @throws UserError where the names cannot be had; HalfMadeError where something may stand after a failure; UpstreamError.
 */
export async function createInSes(here: Here, operation: Operation, creation: Creation): Promise<Made> {
	const { names, adopt, newId, isGone } = creation;
	const mark = operation.urn === undefined ? newId() : markOf(operation.urn, names);
	using deadline = new Deadline(createMs, { clock: operation.clock });
	for (;;) {
		operation.progress.show(`looking for ${names.domain} in Amazon SES`);
		const look = withoutGoing(await lookAt(here.ses, names, deadline), isGone);
		const standing = standingOf(look, names, mark);
		// Of what carries our mark, whatever stands beside it.
		const begun = [look.tenant, look.identity].find((each) => each?.mark === mark)?.owner;
		const owner = { id: begun ?? newId(), workspaceId: here.home.workspaceId, mark };
		const attempt = new Attempt(here, operation, creation, owner, begun !== undefined);
		const refusal = refusalOf(standing, look, names, here.home, { adopt });
		if (refusal) {
			// What this resource began is not left behind for what it cannot have.
			if (standing.kind !== "whole") await attempt.undo(refusal);
			throw refusal;
		}
		try {
			return await attempt.make(standing.kind === "identity of others", deadline);
		} catch (error) {
			await attempt.undo(error);
			// Somebody was faster with one of the names: who, shows now.
			if (!(error instanceof TakenUpstream)) throw error;
			if (deadline.signal.aborted) throw othersAreFaster(names);
		}
	}
}

/** Whether SES has answered the very call that makes something, and with a no. */
const isRefused = (error: unknown) =>
	error instanceof TakenUpstream ||
	(error instanceof UpstreamError &&
		/^(Create|Tag|Put)/.test(error.operation) &&
		["refused", "denied", "limited"].includes(error.kind));

/** One way through the steps. */
class Attempt {
	constructor(
		private readonly here: Here,
		private readonly operation: Operation,
		private readonly creation: Creation,
		private readonly owner: { readonly id: string; readonly workspaceId: string; readonly mark: string },
		/** Whether something of it stands. */
		private isBegun: boolean,
	) {}

	async make(isAdopted: boolean, deadline: Deadline): Promise<Made> {
		const { ses } = this.here;
		const { names, settings } = this.creation;
		const { progress, stop } = this.operation;
		let done = 0;
		const step = async <T>(make: () => Promise<T>): Promise<T> => {
			await this.operation.lookForStop?.();
			stop.throwIfAborted();
			done += 1;
			progress.show(`registering ${names.domain} in Amazon SES (step ${done})`);
			return await this.#begun(make);
		};
		const { mailFrom, mx, dmarcPolicy } = settings;
		const setup = { ...this.owner, tenantName: names.tenant, domain: names.domain, mailFrom };
		const made = await makeInSes(ses, setup, { mx, dmarcPolicy, isAdopted, deadline }, step);
		const { tenant, dnsRecords: records } = made;
		return {
			id: this.owner.id,
			records,
			createdAt: tenant.createdAt ?? new Date(this.operation.clock.now()),
		};
	}

	/** A step may have been made unless SES has said no to it. */
	async #begun<T>(make: () => Promise<T>): Promise<T> {
		const before = this.isBegun;
		this.isBegun = true;
		try {
			return await make();
		} catch (error) {
			if (isRefused(error)) this.isBegun = before;
			throw error;
		}
	}

	/** Takes down what was made. What comes of a call that was not answered only the next run sees. */
	async undo(reason: unknown): Promise<void> {
		const { stop, clock, progress } = this.operation;
		const isOpen = reason instanceof UpstreamError && reason.mayStillHappen;
		if (!this.isBegun && !isOpen) return;
		try {
			if (isOpen) throw reason;
			using deadline = new Deadline(stop.aborted ? undoMs.stopped : undoMs.failed, { clock });
			const { tenant, domain } = this.creation.names;
			progress.show(`taking ${domain} out of Amazon SES again`);
			// The tags of an identity that was taken in may not show yet.
			const looks = this.creation.adopt && !stop.aborted ? absentLooks : 1;
			await this.here.ses.remove({ tenantName: tenant, domain }, this.owner.id, deadline, looks);
			if (stop.aborted) progress.warn(`The run was stopped. ${this.#what()} was removed again.`);
		} catch (cause) {
			const left = this.#left(reason, cause);
			if (!stop.aborted) throw new HalfMadeError(this.owner.id, this.here.home, left, this.here.told(reason));
			// The engine records nothing any more. The mark says to the next run whose it is.
			progress.warn(left);
		}
	}

	#what(): string {
		const { tenant, domain } = this.creation.names;
		return `What it had made of setup ${this.owner.id} (tenant ${tenant}, domain ${domain})`;
	}

	#left(reason: unknown, cause: unknown): string[] {
		const { stop } = this.operation;
		const isOpen = cause === reason;
		const said = (error: unknown) => linesOf(this.here.told(error)).join(" ");
		const next = stop.aborted
			? "The next `pulumi up` of this stack finishes it."
			: "It is in the state: the next `pulumi up` takes it down and makes it anew, and `pulumi destroy` takes it down.";
		return lines(
			stop.aborted ? "The run was stopped." : said(reason),
			!isOpen && `${this.#what()} could not be removed: ${said(cause)}`,
			`Some of setup ${this.owner.id} may stand in Amazon SES. ${next}`,
		);
	}
}
