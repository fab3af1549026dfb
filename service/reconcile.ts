import { shown } from "pulumi-channels/dns";
import { hasKeysOfSes } from "pulumi-channels/ses";
import type { Setup } from "./database/setups.js";
import { type CommandWorld, openSetups } from "./open-setups.js";
import type { ServiceConfig } from "./operations/config.js";
import { requireWorkspace } from "./operations/keys.js";
import { type Differences, type Lost, type Orphan, Reconciliation } from "./setups/reconciliation.js";

/** At most one of the first four. */
export interface ReconcileOptions {
	/** The orphan whose row is to be written. */
	readonly adopt?: string;
	/** The orphan to take down. */
	readonly remove?: string;
	/** The setup whose domain is to be put into its tenant again. */
	readonly associate?: string;
	/** The setup whose row is to go, while SES keeps it: for the API in the provider. */
	readonly release?: string;
	/** Of the orphan to adopt, where SES does not tell it. */
	readonly workspace?: string;
}

export interface ReconcileWorld extends CommandWorld {
	readonly progress: (text: string) => void;
}

export interface Reconciled {
	/** Lines for a person, as they may be shown: SES has names of others. */
	readonly report: string;
	readonly differs: boolean;
}

/**
 * Compares the database with SES and changes nothing, or does what one option says.
 * @throws Error when something cannot be asked, or is not as the option has it
 */
export async function reconcile(
	config: ServiceConfig,
	{ adopt, remove, associate, release, workspace }: ReconcileOptions,
	{ progress, ...world }: ReconcileWorld,
): Promise<Reconciled> {
	if (workspace !== undefined) requireWorkspace(workspace);
	await using opened = await openSetups(config, world);
	const { dmarcPolicy } = config;
	const reconciliation = new Reconciliation(opened.setups, opened.upstream, { dmarcPolicy, progress });
	const done = (report: string): Reconciled => ({ report: shown(report), differs: false });
	if (adopt !== undefined) {
		const { id, domain, workspaceId } = await reconciliation.adopt(adopt, workspace?.toLowerCase());
		return done(`Setup ${id} of ${domain} is in workspace ${workspaceId} again.`);
	}
	if (remove !== undefined) {
		const orphan = await reconciliation.remove(remove);
		return done(`${nameOf(orphan)} is gone from SES.`);
	}
	if (associate !== undefined) {
		const { domain, tenantName } = await reconciliation.associate(associate);
		return done(`${domain} is in the tenant ${tenantName} again.`);
	}
	if (release !== undefined) {
		const released = await reconciliation.release(release);
		return done(released ? releasedText(released, opened.upstream.region) : notHereText(release));
	}
	const differences = await reconciliation.compare();
	const differs = differences.lost.length + differences.orphans.length > 0;
	return { report: shown(describe(differences)), differs };
}

/** What is next is in docs/migrate.md, too. */
const releasedText = ({ id, domain, workspaceId }: Setup, region: string) =>
	`Setup ${id} of ${domain} has no row any more. SES keeps its tenant, its identity and their tags. ` +
	"The stack goes on with channels:api = embedded, " +
	`channels:workspaceId = ${workspaceId} and aws:region = ${region}. To take it in again: reconcile --adopt ${id}`;

const notHereText = (id: string) =>
	`Setup ${id} has no row: nothing is to be done. Whether SES has it, reconcile tells without an option.`;

function describe({ lost, orphans, agreeing, underWay }: Differences): string[] {
	return [
		...(lost.length > 0 ? ["In the database, and not whole in SES:", ...lost.flatMap(lostText)] : []),
		...(orphans.length > 0 ? ["In SES, and in no row of the database:", ...orphans.flatMap(orphanText)] : []),
		`${agreeing} ${agreeing === 1 ? "setup agrees" : "setups agree"}.`,
		...(underWay > 0 ? [`${underWay} under way: a running service ends what was begun.`] : []),
	];
}

const lacking = {
	tenant: "its tenant is gone, or another's",
	identity: "its identity is gone, or another's",
	keys: "its identity has other DKIM keys",
	association: "its identity is not in its tenant",
	"mail-from": "its identity has another MAIL FROM domain, or none",
} as const;

/** What can be mended as it stands. */
const mending: Partial<Record<keyof typeof lacking, (id: string) => string>> = {
	association: (id) => `Put it there: reconcile --associate ${id}`,
	"mail-from": (id) => `Set it again: mail-from --setup ${id}`,
};

function lostText({ setup, lacks }: Lost): string[] {
	const { id, domain, tenantName, workspaceId } = setup;
	const mends = lacks.map((each) => mending[each]?.(id));
	const next = mends.includes(undefined)
		? "Delete the setup through the API and create it anew; its DKIM records change."
		: mends.join(". ");
	const what = lacks.map((each) => lacking[each]).join(", ");
	return [`  ${id}  ${domain}, tenant ${tenantName}, workspace ${workspaceId}`, `    ${what}. ${next}`];
}

function orphanText(orphan: Orphan): string[] {
	const { id, workspaceId, tenantName, identity } = orphan;
	const isWhole = tenantName !== undefined && identity !== undefined && hasKeysOfSes(identity.dkim);
	const where = workspaceId === undefined ? " --workspace UUID" : "";
	const keep = isWhole ? `Write its row: reconcile --adopt ${id}${where}. ` : "";
	return [
		`  ${id}  ${nameOf(orphan)}${workspaceId === undefined ? "" : `, workspace ${workspaceId}`}`,
		`    ${keep}Where a stack with channels:api embedded has it, leave it to that. Otherwise take it down: reconcile --remove ${id}`,
	];
}

const nameOf = ({ domain, tenantName }: Orphan) =>
	[domain, tenantName && `tenant ${tenantName}`].filter(Boolean).join(", ");
