import { Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { WidgetKind } from '../../api/boardQueries';
import { matches } from '../../kit/text';
import { Dialog } from '../../ui/Dialog';
import css from './boards.module.css';
import { useHow } from './useHow';

/** The catalogue: what each figure is called and what it counts. */
export function AddDialog({ kinds, onAdd, onClose }: { kinds: readonly WidgetKind[]; onAdd: (kind: WidgetKind) => void; onClose: () => void }) {
  const { t } = useTranslation('boards');
  const { language } = useHow();
  const [needle, setNeedle] = useState('');
  const found = kinds.filter((k) => k.may && matches(`${k.name[language]} ${k.about[language]}`, needle));
  return (
    <Dialog opened onClose={onClose} title={t('edit.addTitle')} size="lg">
      <TextInput
        data-autofocus
        aria-label={t('edit.find')}
        placeholder={t('edit.find')}
        value={needle}
        onChange={(event) => {
          setNeedle(event.currentTarget.value);
        }}
        mb="xs"
      />
      <ul className={css.catalogue}>
        {found.map((kind) => (
          <li key={kind.id}>
            <UnstyledButton
              className={css.choice}
              onClick={() => {
                onAdd(kind);
              }}
            >
              <IconPlus size={16} aria-hidden="true" />
              <span>
                <Text span size="sm" fw={600}>
                  {kind.name[language]}
                </Text>
                <Text span size="xs" className="la-dim" display="block">
                  {kind.about[language]}
                </Text>
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
