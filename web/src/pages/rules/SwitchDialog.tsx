import '../../i18n/ruledetail';

import { Select } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { call } from '../../api/client';
import { unitsQuery } from '../../api/queries';
import { useSession } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { toast } from '../../ui/toast';

interface Props {
  ids: string[];
  enable: boolean;
  onClose: () => void;
  onDone?: () => void;
}

/** Switches rules off or on again, for a unit and those below it, with a reason. */
export function SwitchDialog({ ids, enable, onClose, onDone }: Props) {
  const { t } = useTranslation('ruledetail');
  const client = useQueryClient();
  const { user } = useSession();
  const units = useQuery(unitsQuery);
  const [unit, setUnit] = useState<string>(user.unit);
  const own = t(user.unit === centreUnit ? 'everywhere' : 'mine');
  const others = units.data?.items.filter((u) => u.id !== user.unit).map((u) => ({ value: u.id, label: u.name })) ?? [];
  return (
    <ConfirmDialog
      title={ids.length === 1 ? t(enable ? 'enable' : 'disable') : t(enable ? 'enableMany' : 'disableMany', { n: ids.length })}
      text={t(enable ? 'enableText' : 'disableText')}
      confirm={t(enable ? 'enable' : 'disable')}
      reason="required"
      reasonHint={t('reasonHint')}
      onClose={onClose}
      onConfirm={async (reason) => {
        const { changed } = await call<{ changed: number }>('/rules/switch', { method: 'POST', body: { ids, enabled: enable, unit, reason } });
        toast({ message: t('switched', { n: changed }) });
        await Promise.all([
          client.invalidateQueries({ queryKey: ['rules'] }),
          client.invalidateQueries({ queryKey: ['rule'] }),
          client.invalidateQueries({ queryKey: ['attack'] }),
        ]);
        onDone?.();
      }}
    >
      {others.length > 0 && (
        <Select
          label={t('where')}
          allowDeselect={false}
          searchable
          data={[{ value: user.unit, label: own }, ...others]}
          value={unit}
          onChange={(value) => {
            setUnit(value ?? user.unit);
          }}
        />
      )}
    </ConfirmDialog>
  );
}
