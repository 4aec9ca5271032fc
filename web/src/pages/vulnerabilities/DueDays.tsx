import { Button, Group, NumberInput, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { findingsChanged, setVulnerabilityDue, type VulnerabilityDue, vulnerabilityDueQuery } from '../../api/vulnerabilityQueries';
import { useMay } from '../../app/session';
import { ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';
import css from '../advisories/advisories.module.css';

const rows = ['critical', 'high', 'medium', 'low'] as const;
const most = 3650;

/** Within how many days a weakness is to be mended; an administrator changes it. */
export function DueDays() {
  const { t } = useTranslation('vulnerabilities');
  const may = useMay();
  const client = useQueryClient();
  const query = useQuery(vulnerabilityDueQuery);
  const [changed, setChanged] = useState<VulnerabilityDue>();
  const save = useMutation({
    mutationFn: setVulnerabilityDue,
    onSuccess: async () => {
      toast({ message: t('duePage.saved') });
      await findingsChanged(client);
      setChanged(undefined);
    },
  });
  if (query.isPending) return <Rows count={3} />;
  if (!query.data) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const { source, verify, by, known, critical, high, medium, low, version } = query.data;
  const due = changed ?? { known, critical, high, medium, low, version };
  const editable = may('vulnerability.manage');
  const level = (n: number) => (n === 0 ? t('duePage.level0') : t('duePage.level', { level: n }));
  const input = (label: string, value: number, set: (next: number) => void) =>
    editable ? (
      <NumberInput
        size="xs"
        w={76}
        aria-label={label}
        min={0}
        max={most}
        allowDecimal={false}
        value={value}
        onChange={(next) => {
          set(Number(next));
        }}
      />
    ) : (
      value
    );
  return (
    <section>
      <h2 className={css.part}>{t('duePage.title')}</h2>
      <Text size="sm">{t('duePage.text')}</Text>
      <Text size="xs" className="la-dim" my={4}>
        {t('duePage.source')}: <span lang="vi">{source}</span>. {t('duePage.verify')}: <span lang="vi">{verify}</span> {by && t('duePage.by', { by })}
      </Text>
      <div className={css.scroll} tabIndex={0} role="region" aria-label={t('duePage.title')}>
        <table className="la-table">
          <thead>
            <tr>
              <th>{t('severity')}</th>
              {due.critical.map((_, n) => (
                <th key={n}>{level(n)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row}>
                <th scope="row">{t(`severities.${row}`)}</th>
                {due[row].map((days, n) => (
                  <td key={n}>
                    {input(t('duePage.cell', { severity: t(`severities.${row}`), level: level(n) }), days, (next) => {
                      setChanged({ ...due, [row]: due[row].map((old, at) => (at === n ? next : old)) });
                    })}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Group gap="xs" align="center" my="xs">
        <Text size="sm">{t('duePage.known')}</Text>
        {input(t('duePage.known'), due.known, (next) => {
          setChanged({ ...due, known: next });
        })}
        {editable && (
          <Button
            size="xs"
            disabled={!changed}
            loading={save.isPending}
            onClick={() => {
              save.mutate(due);
            }}
          >
            {t('duePage.save')}
          </Button>
        )}
      </Group>
      {save.error && <ErrorState error={save.error} />}
    </section>
  );
}
