import type { ModelSetup } from "./channels-model.js";

/** A setup as everybody else sees it, whichever API has it. */
export type KnownSetup = Pick<
	ModelSetup,
	"id" | "workspaceId" | "tenantName" | "domain" | "state" | "records"
>;

/** Where setups are: the Channels API, or Amazon SES where the API is the one in the provider. */
export interface Setups {
	/** Those that the API shows. */
	readonly visible: readonly KnownSetup[];
	/** What there is of others, too: those that are being made or taken down. */
	readonly setups: readonly KnownSetup[];
	readonly useCases: readonly { readonly setupId: string }[];
	/** Deletes one, as a person does who has access to it. */
	remove(setup: KnownSetup): void;
}
