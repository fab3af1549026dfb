import type { ChannelsClient } from "../../../../sdk/client.js";
import type { SesSetupDetailResponse } from "../../../../sdk/contract.js";
import { NotFoundError } from "../../../../sdk/errors.js";
import { UserError } from "../../errors.js";
import type { Operation } from "../../operation.js";
import type { Channels } from "../channels.js";
import { noteLook } from "../negative-cache.js";
import type { Home, Names, Setup, SetupRef } from "../setup.js";
import { confirmGone } from "./gone.js";
import { findExisting, lookForNames } from "./lists.js";
import { create } from "./registration.js";
import { removeSetup, useCases } from "./removal.js";

/** The Channels API by HTTP. */
export class RemoteChannels implements Channels {
	readonly #home: Home;

	constructor(private readonly client: ChannelsClient) {
		this.#home = { workspaceId: client.workspaceId };
	}

	async home(): Promise<Home> {
		return this.#home;
	}

	async create(operation: Operation, names: Names): Promise<Setup> {
		return this.#here(await create(this.client, operation, names));
	}

	async find(operation: Operation, names: Names): Promise<Setup | undefined> {
		const found = await findExisting(this.client, operation, names);
		return found && this.#here(found);
	}

	async look(operation: Operation, names: Names, options: Parameters<Channels["look"]>[2]) {
		const { existing, seen } = await lookForNames(this.client, operation, names, options);
		return { existing: existing && this.#here(existing), seen };
	}

	async read(operation: Operation, { id }: SetupRef): Promise<Setup | undefined> {
		const { stop: signal } = operation;
		try {
			const { data } = await this.client.sesSetups.get(id, { signal });
			noteLook(operation, data);
			return this.#here(data);
		} catch (error) {
			if (!(error instanceof NotFoundError)) throw error;
			await confirmGone(this.client, error, signal);
			return undefined;
		}
	}

	async verify({ stop: signal }: Operation, { id }: SetupRef): Promise<Setup> {
		try {
			return this.#here((await this.client.sesSetups.verify(id, { signal })).data);
		} catch (error) {
			if (!(error instanceof NotFoundError && error.fromApi)) throw error;
			throw new UserError(
				"setup-gone",
				`setup ${id} is gone: ${error.message} Run \`pulumi refresh\`, then \`pulumi up\` to make it again.`,
			);
		}
	}

	/** The self-hosted service tells it, the vendor's API had no word for it. */
	async diagnosis({ stop: signal }: Operation, { id }: SetupRef) {
		try {
			return (await this.client.sesSetups.diagnosis(id, { signal })).data;
		} catch {
			signal.throwIfAborted();
			// It is an explanation, without which everything goes on.
			return undefined;
		}
	}

	async obstacles(operation: Operation, ref: SetupRef) {
		const view = await this.diagnosis(operation, ref);
		return view && (view.obstacles ?? []).map(({ reason }) => reason);
	}

	async remove(operation: Operation, ref: SetupRef, { withinMs }: { withinMs?: number } = {}): Promise<void> {
		if (withinMs === undefined) await removeSetup(this.client, operation, ref);
		else await this.client.sesSetups.delete(ref.id, { timeoutMs: withinMs });
	}

	async users({ stop }: Operation, { id }: SetupRef) {
		try {
			return await useCases(this.client, id, stop);
		} catch (error) {
			// An API without use cases. What answers in its place, knows nothing of them.
			if (error instanceof NotFoundError && error.fromApi) return [];
			throw error;
		}
	}

	list({ stop: signal }: Operation) {
		return this.client.sesSetups.list({ signal });
	}

	close(): Promise<void> {
		return this.client.close();
	}

	#here(setup: SesSetupDetailResponse): Setup {
		return { ...setup, home: this.#home };
	}
}
