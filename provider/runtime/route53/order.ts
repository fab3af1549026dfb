import { canonicalName, encodeOctal } from "../../../dns/index.js";

/**
 * Route 53's order of names: label by label from the right, in ASCII order of the escaped spelling, a
 * parent before its children (ListResourceRecordSets and ListHostedZonesByName, API reference).
 */
export function compareNames(a: string, b: string): number {
	const [x, y] = [sortKey(a), sortKey(b)];
	for (let i = 0; i < Math.max(x.length, y.length); i++) {
		const [left, right] = [x[i], y[i]];
		if (left === undefined) return -1;
		if (right === undefined) return 1;
		if (left !== right) return left < right ? -1 : 1;
	}
	return 0;
}

const sortKey = (name: string) => encodeOctal(canonicalName(name)).split(".").filter(Boolean).reverse();
