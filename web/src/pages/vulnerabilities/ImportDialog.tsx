import { Alert, Button, Group, Loader, Select, Text, TextInput, VisuallyHidden } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { systemPickQuery } from '../../api/systemQueries';
import { findingsChanged, importReport, type VulnerabilityOutcome } from '../../api/vulnerabilityQueries';
import { useMay, useSession } from '../../app/session';
import { formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { Dialog } from '../../ui/Dialog';
import { LinkButton } from '../../ui/links';
import { ErrorState } from '../../ui/State';
import { Time } from '../../ui/Time';
import css from '../advisories/advisories.module.css';
import { UnitPicker } from '../users/UnitPicker';
import { SeverityBadge, Urgency } from './parts';

const whatTones = { new: 'high', reopened: 'critical', gone: 'ok' } as const;

/** A report: tried first, then imported. */
export function ImportDialog({ unit: first, onClose }: { unit?: string | undefined; onClose: () => void }) {
  const { t } = useTranslation('vulnerabilities');
  const client = useQueryClient();
  const may = useMay();
  const own = useSession().user.unit as string;
  const picker = useRef<HTMLInputElement>(null);
  const [unit, setUnit] = useState<string | null>(first ?? own);
  const [target, setTarget] = useState('');
  const [system, setSystem] = useState<string | null>(null);
  const [find, setFind] = useState('');
  const [name, setName] = useState('');
  const systems = useQuery({ ...systemPickQuery(unit === own ? '' : (unit ?? ''), find === name ? '' : find), enabled: unit !== null && may('system.read') });
  const [file, setFile] = useState<File>();
  const [over, setOver] = useState(false);
  const bring = useMutation({
    mutationFn: ({ of, dry }: { of: File; dry: boolean }) => importReport(of, { unit: unit ?? '', target, dry, ...(system !== null && { system }) }),
    onSuccess: (out) => (out.dry ? undefined : findingsChanged(client)),
  });
  const take = (chosen: File | undefined) => {
    if (!chosen || bring.isPending) return;
    setFile(chosen);
    bring.reset();
  };
  const out = bring.data;
  const listed = (systems.data?.items ?? []).map((s) => ({ value: s.id, label: `${s.code} ${s.name}`.trim() }));
  // What was chosen stays a choice while another name is looked for.
  const choices = system === null || listed.some((c) => c.value === system) ? listed : [{ value: system, label: name }, ...listed];
  const ready = file !== undefined && unit !== null && !bring.isPending && may('vulnerability.import');
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('im.title')}>
      <Text size="sm" mb="sm">
        {t('im.text')}
      </Text>
      <Group grow align="flex-start" mb="sm">
        <UnitPicker
          label={t('im.unit')}
          value={unit}
          onChange={(next) => {
            setUnit(next);
            setSystem(null);
            bring.reset();
          }}
        />
        <TextInput
          label={t('im.target')}
          placeholder={t('im.targetHint')}
          maxLength={200}
          value={target}
          onChange={(event) => {
            setTarget(event.currentTarget.value);
          }}
        />
      </Group>
      {may('system.read') && (
        <Select
          mb="sm"
          label={t('im.system')}
          description={t('im.systemText')}
          placeholder={t('im.systemHint')}
          searchable
          clearable
          nothingFoundMessage={t('im.noSystem')}
          filter={({ options }) => options}
          searchValue={find}
          onSearchChange={setFind}
          data={choices}
          value={system}
          onChange={(next) => {
            setSystem(next);
            setName(choices.find((c) => c.value === next)?.label ?? '');
            bring.reset();
          }}
        />
      )}
      <div
        className={css.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => {
          setOver(false);
        }}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer.files[0]);
        }}
      >
        <IconFileImport size={28} aria-hidden="true" />
        <Group justify="center" gap="xs" mt={4}>
          <Text size="sm">{file ? file.name : t('im.drop')}</Text>
          <Button size="xs" variant="default" data-autofocus disabled={bring.isPending} onClick={() => picker.current?.click()}>
            {t('im.choose')}
          </Button>
        </Group>
        <Text size="xs" className="la-dim" mt={6}>
          {t('im.limit')}
        </Text>
        <VisuallyHidden>
          <input
            ref={picker}
            type="file"
            tabIndex={-1}
            aria-label={t('im.choose')}
            onChange={(event) => {
              take(event.currentTarget.files?.[0]);
              event.currentTarget.value = '';
            }}
          />
        </VisuallyHidden>
      </div>
      <div aria-live="polite">
        {bring.isPending && (
          <Group gap="xs" mt="sm">
            <Loader size="xs" />
            <Text size="sm">{t('im.running')}</Text>
          </Group>
        )}
        {bring.error && <ErrorState error={bring.error} />}
        {out && <Outcome out={out} />}
      </div>
      <Group justify="flex-end" mt="md">
        <Button variant="default" disabled={bring.isPending} onClick={onClose}>
          {t('im.close')}
        </Button>
        {out && !out.dry ? (
          <LinkButton to="/vulnerabilities/imports" search={{ id: out.id }}>
            {t('im.open')}
          </LinkButton>
        ) : (
          <>
            <Button variant="default" disabled={!ready} onClick={() => { if (file) bring.mutate({ of: file, dry: true }); }}>
              {t('im.try')}
            </Button>
            <Button disabled={!ready} onClick={() => { if (file) bring.mutate({ of: file, dry: false }); }}>
              {t('im.commit')}
            </Button>
          </>
        )}
      </Group>
    </Dialog>
  );
}

function Outcome({ out }: { out: VulnerabilityOutcome }) {
  const { t, i18n } = useTranslation('vulnerabilities');
  const numbers = ['hosts', 'findings', 'components', 'new', 'again', 'reopened', 'gone'] as const;
  return (
    <>
      <Group gap="xs" mt="sm">
        <Badge tone={out.dry ? 'informational' : 'ok'}>{t(out.dry ? 'im.tried' : 'im.imported')}</Badge>
        <Text size="sm">
          {out.tool} {out.release}
        </Text>
      </Group>
      {out.before && (
        <Alert color="yellow" variant="light" mt="xs">
          {t('im.before')} <Time at={out.before} />
        </Alert>
      )}
      <dl className={css.facts}>
        {numbers.map((name) => (
          <Fact key={name} name={t(`imports.${name}`)} value={formatNumber(out[name], i18n.language)} />
        ))}
      </dl>
      {out.examples.length === 0 && <Text size="sm">{t('im.nothing')}</Text>}
      {out.examples.length > 0 && (
        <details open={out.dry}>
          <summary>{t('im.examples', { count: out.examples.length })}</summary>
          <div className={css.scroll} tabIndex={0} role="region" aria-label={t('im.examples', { count: out.examples.length })}>
            <table className="la-table">
              <tbody>
                {out.examples.map((x, i) => (
                  <tr key={i}>
                    <td>
                      <Badge tone={whatTones[x.what]}>{t(`im.what.${x.what}`)}</Badge>
                    </td>
                    <td>
                      <SeverityBadge severity={x.severity} /> <Urgency finding={{ kev: x.kev, late: false }} />
                    </td>
                    <td className="la-mono">
                      {x.host} {x.place}
                    </td>
                    <td className="la-wrap">
                      {x.title} <span className="la-mono la-dim">{x.code}</span>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
      {out.problems.length > 0 && (
        <details>
          <summary>{t('im.problems')}</summary>
          <ul>
            {out.problems.map((p) => (
              <li key={p}>{p}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
