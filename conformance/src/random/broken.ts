/** An invariant does not hold. */
class Broken extends Error {
  override readonly name = 'Broken'
}

export function demand(holds: boolean, says: () => string): void {
  if (!holds) throw new Broken(says())
}
