import * as z from 'zod'

export const U32 = 0xffff_ffff
export const U16 = 0xffff

/** A field that may be left out, with what it means. */
export const about = <T extends z.ZodType>(type: T, description: string, ...examples: z.input<T>[]): z.ZodOptional<T> =>
  (examples.length > 0 ? type.meta({ description, examples }) : type.meta({ description })).optional()

export const integer = (min: number, max: number) => z.int().min(min).max(max)

/** A whole name: `%d` would leave open what the device is called. */
export const deviceName = z
  .string()
  .min(1)
  .max(15)
  .regex(/^(?!\.{1,2}$)[^\s/:%]+$/, { error: "a device name without blanks, '/', ':' and '%'" })
