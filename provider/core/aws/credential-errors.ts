/** STS gave no credentials of a role; `cause` says why. */
export class RoleError extends Error {
	constructor(
		readonly roleArn: string,
		cause: unknown,
	) {
		super((cause as Error).message, { cause });
	}
}

/** A profile assumes its role with a second factor; nobody can be asked for its code while the engine runs. */
export class MfaError extends Error {
	constructor(readonly device: string) {
		super(`the role is assumed with a code of the MFA device ${device}, for which nobody can be asked here`);
	}
}
