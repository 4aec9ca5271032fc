import { Button, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { changeInspection, type InspectionDetail, inspectionsChanged } from '../../api/assessmentQueries';
import { Badge } from '../../ui/Badge';
import { ErrorState } from '../../ui/State';
import css from './inspections.module.css';

const verdicts = ['pass', 'condition', 'fail'] as const;
const tones = { pass: 'ok', condition: 'medium', fail: 'critical' } as const;

/** Devices before they are installed, each with its verdict. */
export function Verdicts({ visit: v, editable }: { visit: InspectionDetail; editable: boolean }) {
  const { t } = useTranslation('inspections');
  const client = useQueryClient();
  const [devices, setDevices] = useState(v.devices);
  const save = useMutation({
    mutationFn: () => {
      const { unit, kind, box, title, systems, scheduled, afterIncident, emergency, startsAt, endsAt, team, assessor, monitor, minutes } = v;
      return changeInspection(v, { unit, kind, box, title, systems, scheduled, afterIncident, emergency, startsAt, endsAt, team, assessor, monitor, minutes, devices });
    },
    onSuccess: () => inspectionsChanged(client),
  });
  const set = (i: number, next: Partial<(typeof devices)[number]>) => {
    setDevices((old) => old.map((d, j) => (j === i ? { ...d, ...next } : d)));
  };
  return (
    <section aria-label={t('devices')}>
      <h2 className={css.part}>{t('devices')}</h2>
      {save.error && <ErrorState error={save.error} />}
      <div className="la-card">
        {devices.map((d, i) => (
          <div key={d.name} className={css.item}>
            <div>
              {d.name} {d.donated && <Badge tone="medium">{t('donated')}</Badge>}
              <div className="la-dim">{d.origin}</div>
            </div>
            {editable ? (
              <>
                <Select
                  size="xs"
                  aria-label={`${t('verdict')}: ${d.name}`}
                  placeholder={t('verdicts.none')}
                  data={verdicts.map((value) => ({ value, label: t(`verdicts.${value}`) }))}
                  value={d.verdict || null}
                  onChange={(value) => {
                    set(i, { verdict: verdicts.find((x) => x === value) ?? '' });
                  }}
                />
                <TextInput
                  size="xs"
                  aria-label={`${t('note')}: ${d.name}`}
                  placeholder={t('note')}
                  value={d.note}
                  onChange={(event) => {
                    set(i, { note: event.currentTarget.value });
                  }}
                />
              </>
            ) : (
              <>
                <span>{d.verdict ? <Badge tone={tones[d.verdict]}>{t(`verdicts.${d.verdict}`)}</Badge> : t('verdicts.none')}</span>
                <span className="la-wrap">{d.note}</span>
              </>
            )}
          </div>
        ))}
      </div>
      {editable && (
        <Button
          size="xs"
          mt="xs"
          loading={save.isPending}
          onClick={() => {
            save.mutate();
          }}
        >
          {t('save')}
        </Button>
      )}
    </section>
  );
}
