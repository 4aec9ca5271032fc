// Times as every page shows them: Vietnam's zone, UTC when pointed at or focused.
export { Ago, Time as DateTime, TimeFocus, useNow } from '../ui/Time';
