// What a list of choices shows for the words typed into it: without accents, as every
// filter of the console; a long list is not drawn whole. The theme gives it to all Selects.
import type { ComboboxItem, ComboboxParsedItem, OptionsFilter } from '@mantine/core';

import { matches } from './text';

const shown = 100;

export const findChoices: OptionsFilter = ({ options, search }) => {
  const found = (item: ComboboxItem) => matches(item.label, search);
  const narrowed = (option: ComboboxParsedItem): ComboboxParsedItem => ('group' in option ? { ...option, items: option.items.filter(found) } : option);
  return options
    .map(narrowed)
    .filter((option) => ('group' in option ? option.items.length > 0 : found(option)))
    .slice(0, shown);
};
