import { Tally } from '../../metrics/tally.js';

/** `hit`: from memory; `miss`: the database was asked. */
export const READS = new Tally(
  'plaza_read_model_reads_total',
  'Questions to what is kept in memory, by model and whether the database had to be asked',
  ['model', 'outcome'],
);
