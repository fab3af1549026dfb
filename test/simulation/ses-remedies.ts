import { canonicalName } from "../../dns/index.js";
import { markOf } from "../../provider/core/channels/embedded/marks.js";
import type { DeclaredSetup } from "../support/deployment/program.js";
import { goalsOf } from "../support/deployment/program.js";
import { again, isOfNames, type Remedy } from "./remedy.js";
import type { Scene } from "./scene.js";
import type { KnownSetup } from "./setups.js";
import type { Team } from "./team.js";

/** What a person does by the code of a failure where the API is the one in the provider. */
export const inSesRemedies: Readonly<Record<string, Remedy>> = {
	"exists-upstream": ofOthers,
	"identity-without-dkim": withoutDkim,
	"names-taken": held,
	"names-busy": held,
	"nothing-to-wait-for": withKeysOfItsOwn,
};

/** By something that was made by hand: it is taken in, or deleted. */
function ofOthers(scene: Scene, team: Team, declared: DeclaredSetup): string | undefined {
	if (!scene.inSes) return undefined;
	const { ses, others } = scene.inSes;
	const { name, tenantName } = declared;
	const domain = canonicalName(declared.domainIdentity);
	if (others.hasTenant(tenantName)) {
		ses.region.tenants.delete(tenantName);
		others.forget({ tenant: tenantName });
		return `tenant ${tenantName} of others is deleted`;
	}
	if (!ses.region.identities.has(domain)) return again(declared);
	if (!others.has(domain)) return undefined;
	if (declared.adoptExisting) return undefined;
	if (scene.random.chance(0.3)) {
		for (const each of ses.region.tenants.values()) each.resources.delete(ses.region.identity(domain).arn);
		ses.region.identities.delete(domain);
		others.forget({ domain });
		return `identity ${domain} of others is deleted`;
	}
	team.edit(name, (one) => {
		one.adoptExisting = true;
	});
	return `${name} takes identity ${domain} in`;
}

function withoutDkim(scene: Scene, _team: Team, declared: DeclaredSetup): string | undefined {
	const domain = canonicalName(declared.domainIdentity);
	if (!scene.inSes) return undefined;
	const { ses, others } = scene.inSes;
	if (!ses.region.identities.has(domain)) return again(declared);
	if (!others.has(domain)) return undefined;
	others.keep({ identity: ses.region.setUpDkim(domain, "same keys", scene.clock.now()) });
	return `somebody sets up DKIM for ${domain}`;
}

/** Of an identity with keys of its owner's own no record is asked for that would let it send. */
function withKeysOfItsOwn(scene: Scene, team: Team, declared: DeclaredSetup): string | undefined {
	const identity = scene.inSes?.ses.region.identities.get(canonicalName(declared.domainIdentity));
	if (identity?.dkim.by !== "owner") return undefined;
	team.edit(declared.name, (one) => {
		delete one.waitForVerification;
	});
	return `${declared.name} waits no more`;
}

/** By a setup, whole or not. What this very resource has begun is never in its way. */
function held(scene: Scene, team: Team, declared: DeclaredSetup): string | undefined {
	if (!scene.inSes) return undefined;
	const { ses, others } = scene.inSes;
	const tenant = declared.tenantName;
	const domain = canonicalName(declared.domainIdentity);
	const own = markOf(goalsOf(team.stack.name, declared).setup.urn, { tenant, domain });
	const holders = ses.setups.filter((each) => isOfNames(each, declared));
	const isBegunHere = ({ id }: KnownSetup) => ses.markOf(id) === own && !scene.setup(id);
	if (holders.length > 0 && holders.every(isBegunHere)) return undefined;
	for (const holder of holders.filter((each) => !isBegunHere(each))) {
		if (scene.ownerOf(holder.id) || others.hasSetup(holder.id)) {
			team.drop(declared.name);
			return `${declared.name} goes: somebody has its names`;
		}
		if (!scene.isExcused(holder)) return undefined;
		ses.remove(holder);
		return `what a run has left of ${holder.domain || holder.tenantName} is deleted`;
	}
	return again(declared);
}
