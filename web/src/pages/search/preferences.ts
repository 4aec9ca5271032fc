// What a reader likes and the browser remembers; nothing here changes what is found.
import { useLocalStorage } from '@mantine/hooks';

export const densities = ['dense', 'normal', 'tall'] as const;
export type Density = (typeof densities)[number];

export function useDensity() {
  return useLocalStorage<Density>({ key: 'lachan.search.density', defaultValue: 'normal', getInitialValueInEffect: false });
}
