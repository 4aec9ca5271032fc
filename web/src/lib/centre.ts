/** The id of the centre's unit: the root of all units, known to everybody. */
export const centreUnit = 'trung-tam';
