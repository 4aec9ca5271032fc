import { Checkbox, Group, MultiSelect, NumberInput, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { unitTypesQuery } from '../../api/unitQueries';
import type { WarningFacts } from '../../api/warningQueries';
import { Form, useFieldErrors } from '../../kit/Form';
import { TlpBadge } from '../../kit/badges';
import { LevelBadge } from '../../ui/Badge';
import { useUnitNames } from '../users/UnitPicker';
import { indicatorsText, kinds, marks, parts, productsText, readCves, readIndicators, readProducts, severities } from './facts';
import { WarningBody } from './marks';

const fields = [
  'facts.title', 'facts.cves', 'facts.products', 'facts.indicators', 'facts.query', 'facts.grade.source', 'facts.ackHours', 'facts.fixHours', 'facts.watchHours',
  ...parts.map((name) => `facts.text.${name}`),
];

interface Props {
  facts: WarningFacts;
  submit: string;
  busy: boolean;
  error: unknown;
  onSubmit: (facts: WarningFacts) => void;
  /** Tells whether what is typed differs from what is stored. */
  onDirty?: (dirty: boolean) => void;
  children?: React.ReactNode;
}

/** Writes a warning; beside it stands what the unit will read. */
export function Editor({ facts, submit, busy, error, onSubmit, onDirty, children }: Props) {
  const { t, i18n } = useTranslation('warnings');
  const [f, setFacts] = useState(facts);
  const [lists, setLists] = useState({ products: productsText(facts.products), cves: facts.cves.join(' '), indicators: indicatorsText(facts.indicators) });
  const types = useQuery(unitTypesQuery).data?.items ?? [];
  const { units } = useUnitNames();
  const fieldError = useFieldErrors(error);
  const set = (change: Partial<WarningFacts>) => {
    setFacts((old) => ({ ...old, ...change }));
    onDirty?.(true);
  };
  const choose = (change: Partial<WarningFacts['choice']>) => {
    set({ choice: { ...f.choice, ...change } });
  };
  const list = (change: Partial<typeof lists>) => {
    setLists((old) => ({ ...old, ...change }));
    onDirty?.(true);
  };
  const hours = (name: 'ackHours' | 'fixHours' | 'watchHours') => (
    <NumberInput
      label={t(name)}
      min={name === 'watchHours' ? 0 : 1}
      max={2_160}
      value={f[name]}
      error={fieldError(`facts.${name}`)}
      onChange={(value) => {
        set({ [name]: typeof value === 'number' ? value : 0 });
      }}
    />
  );
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
      <Form
        error={error}
        fields={fields}
        submit={submit}
        busy={busy}
        onSubmit={() => {
          onSubmit({ ...f, products: readProducts(lists.products), cves: readCves(lists.cves), indicators: readIndicators(lists.indicators) });
        }}
      >
        {children}
        <TextInput
          label={t('title')}
          maxLength={200}
          value={f.title}
          error={fieldError('facts.title')}
          onChange={(event) => {
            set({ title: event.currentTarget.value });
          }}
        />
        <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
          <Select
            label={t('kind')}
            allowDeselect={false}
            data={kinds.map((value) => ({ value, label: t(`kinds.${value}`) }))}
            value={f.kind}
            onChange={(value) => {
              set({ kind: kinds.find((k) => k === value) ?? f.kind });
            }}
          />
          <Select
            label={t('severity')}
            allowDeselect={false}
            data={severities.map((value) => ({ value, label: i18n.t(`level.${value}`, { ns: 'translation' }) }))}
            value={f.severity}
            onChange={(value) => {
              set({ severity: severities.find((s) => s === value) ?? f.severity });
            }}
          />
          <Select
            label={t('tlp')}
            allowDeselect={false}
            data={[...marks]}
            value={f.tlp}
            onChange={(value) => {
              set({ tlp: marks.find((m) => m === value) ?? f.tlp });
            }}
          />
        </SimpleGrid>
        <TextInput
          label={t('source')}
          maxLength={200}
          value={f.grade.source}
          error={fieldError('facts.grade.source')}
          onChange={(event) => {
            set({ grade: { ...f.grade, source: event.currentTarget.value } });
          }}
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <Select
            label={t('reliability')}
            allowDeselect={false}
            data={(['A', 'B', 'C', 'D', 'E', 'F'] as const).map((value) => ({ value, label: t(`reliabilities.${value}`) }))}
            value={f.grade.reliability}
            onChange={(value) => {
              if (value) set({ grade: { ...f.grade, reliability: value as typeof f.grade.reliability } });
            }}
          />
          <Select
            label={t('credibility')}
            allowDeselect={false}
            data={(['1', '2', '3', '4', '5', '6'] as const).map((value) => ({ value, label: t(`credibilities.${value}`) }))}
            value={String(f.grade.credibility)}
            onChange={(value) => {
              if (value) set({ grade: { ...f.grade, credibility: Number(value) } });
            }}
          />
        </SimpleGrid>
        {parts.map((name) => (
          <Textarea
            key={name}
            label={t(`text.${name}`)}
            autosize
            minRows={2}
            maxRows={14}
            maxLength={10_000}
            value={f.text[name]}
            error={fieldError(`facts.text.${name}`)}
            onChange={(event) => {
              set({ text: { ...f.text, [name]: event.currentTarget.value } });
            }}
          />
        ))}
        {(['products', 'cves', 'indicators'] as const).map((name) => (
          <Textarea
            key={name}
            label={t(name)}
            description={t(`${name}Hint`)}
            autosize
            minRows={1}
            maxRows={10}
            value={lists[name]}
            error={fieldError(`facts.${name}`)}
            onChange={(event) => {
              list({ [name]: event.currentTarget.value });
            }}
          />
        ))}
        <TextInput
          label={t('query')}
          description={t('queryHint')}
          value={f.query}
          error={fieldError('facts.query')}
          onChange={(event) => {
            set({ query: event.currentTarget.value });
          }}
        />
        <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="sm">
          {hours('ackHours')}
          {hours('fixHours')}
          {hours('watchHours')}
        </SimpleGrid>
        <Stack gap="xs" component="fieldset" style={{ border: 0, padding: 0, margin: 0 }}>
          <Text component="legend" fw={600} size="sm">
            {t('audience')}
          </Text>
          {(['all', 'software', 'indicators'] as const).map((name) => (
            <Checkbox
              key={name}
              label={t(`choice.${name}`)}
              checked={f.choice[name]}
              onChange={(event) => {
                choose({ [name]: event.currentTarget.checked });
              }}
            />
          ))}
          {f.choice.indicators && (
            <NumberInput
              label={t('choice.days')}
              min={1}
              max={400}
              value={f.choice.days}
              onChange={(value) => {
                choose({ days: typeof value === 'number' ? value : 30 });
              }}
            />
          )}
          <MultiSelect
            label={t('choice.kinds')}
            searchable
            data={types.map((type) => ({ value: type.id, label: i18n.language === 'vi' ? type.nameVi : type.nameEn }))}
            value={f.choice.kinds}
            onChange={(value) => {
              choose({ kinds: value });
            }}
          />
          <MultiSelect
            label={t('choice.under')}
            searchable
            limit={80}
            data={units.filter((u) => u.status !== 'ended').map((u) => ({ value: u.id as string, label: u.name }))}
            value={f.choice.under}
            onChange={(value) => {
              choose({ under: value });
            }}
          />
        </Stack>
      </Form>
      <section aria-label={t('preview')} className="la-card" style={{ padding: 16, alignSelf: 'start' }}>
        <Group gap="xs" mb="xs">
          <TlpBadge tlp={f.tlp} />
          <LevelBadge level={f.severity} />
          <Text size="sm">{t(`kinds.${f.kind}`)}</Text>
        </Group>
        <Text fw={700} mb="sm" className="la-wrap" component="h2" fz="lg">
          {f.title}
        </Text>
        <WarningBody text={f.text} />
      </section>
    </SimpleGrid>
  );
}
