/** Where it is told what nobody waits for: pino's shape. */
export interface SesLog {
	info(about: object, text: string): void;
	warn(about: object, text: string): void;
	error(about: object, text: string): void;
}
