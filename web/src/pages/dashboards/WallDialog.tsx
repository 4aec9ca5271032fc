import { Button, Checkbox, Select, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import type { Board } from '../../api/boardQueries';
import { Dialog } from '../../ui/Dialog';
import { useHow } from './useHow';

const choices = [0, 15, 30, 60, 120, 300] as const;

/** Which boards take turns on the wall, and how long each stays. */
export function WallDialog({ boards, first, onStart, onClose }: { boards: readonly Board[]; first: string; onStart: (ids: string[], every: number) => void; onClose: () => void }) {
  const { t } = useTranslation('boards');
  const { language } = useHow();
  const [every, setEvery] = useState(0);
  const [ids, setIds] = useState([first]);
  return (
    <Dialog opened onClose={onClose} title={t('wall.open')}>
      <Stack gap="sm">
        <Select
          label={t('wall.every')}
          allowDeselect={false}
          value={String(every)}
          onChange={(value) => {
            setEvery(Number(value));
          }}
          data={choices.map((n) => ({ value: String(n), label: n === 0 ? t('wall.never') : t('wall.seconds', { count: n }) }))}
        />
        {every > 0 && (
          <Checkbox.Group label={t('wall.which')} value={ids} onChange={setIds}>
            <Stack gap={6} mt={4} mah={260} style={{ overflow: 'auto' }}>
              {boards.map((board) => (
                <Checkbox key={board.id} value={board.id} label={board.name[language]} />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
        <Button
          onClick={() => {
            onStart(boards.map((b) => b.id).filter((id) => ids.includes(id)), every);
          }}
        >
          {t('wall.start')}
        </Button>
      </Stack>
    </Dialog>
  );
}
