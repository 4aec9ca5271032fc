import { Button, Checkbox, Group, Select, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { plantUnits, proposalsQuery, provincesQuery, type UnitProposal, unitsChanged } from '../../api/unitQueries';
import { Form } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';
import { ErrorState, Rows } from '../../ui/State';
import { toast } from '../../ui/toast';
import { useProvinces } from './fields';
import css from './units.module.css';

/** A province's tree in one step: choose it, tick its agencies, make them. */
export function TemplateDialog({ onClose, onDone }: { onClose: () => void; onDone: (id: string) => void }) {
  const { t } = useTranslation(['translation', 'units']);
  const provinces = useProvinces();
  const list = useQuery(provincesQuery).data?.items ?? [];
  const [code, setCode] = useState<string | null>(null);
  const province = list.find((p) => p.code === code);
  return (
    <Dialog opened onClose={onClose} size="lg" title={t('units:tp.title')}>
      <Text size="sm" mb="sm">
        {t('units:tp.text')}
      </Text>
      <Select
        label={t('units:tp.province')}
        data={provinces.choices}
        value={code}
        onChange={setCode}
        searchable
        data-autofocus
        mb="xs"
      />
      {province && (
        <>
          {province.from.length > 1 && (
            <Text size="xs" className="la-dim">
              {t('units:tp.made', { names: province.from.join(', ') })}
            </Text>
          )}
          {!province.codeVerified && (
            <Text size="xs" className="la-dim" mb="xs">
              {t('units:tp.check', { code: province.code })}
            </Text>
          )}
          <Proposals key={province.code} code={province.code} onClose={onClose} onDone={onDone} />
        </>
      )}
    </Dialog>
  );
}

function Proposals({ code, onClose, onDone }: { code: string; onClose: () => void; onDone: (id: string) => void }) {
  const { t } = useTranslation(['translation', 'units']);
  const { data, error, isPending, refetch } = useQuery(proposalsQuery(code));
  if (isPending) return <Rows count={8} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  return <Choice code={code} proposals={data.items} onClose={onClose} onDone={onDone} label={t('units:tp.title')} />;
}

interface ChoiceProps {
  code: string;
  proposals: readonly UnitProposal[];
  label: string;
  onClose: () => void;
  onDone: (id: string) => void;
}

function Choice({ code, proposals, label, onClose, onDone }: ChoiceProps) {
  const { t } = useTranslation(['translation', 'units']);
  const client = useQueryClient();
  const usual = () => new Set(proposals.filter((p) => p.proposed && !p.exists).map((p) => p.id));
  const [chosen, setChosen] = useState(usual);
  const [names, setNames] = useState<Record<string, string>>({});
  const root = proposals[0];
  const create = useMutation({
    mutationFn: () =>
      plantUnits(
        code,
        proposals.slice(1).filter((p) => chosen.has(p.id)).map((p) => ({ id: p.id, name: names[p.id]?.trim() || p.name })),
      ),
    onSuccess: async ({ items }) => {
      await unitsChanged(client);
      toast({ message: t('units:tp.created', { count: items.length }) });
      if (root) onDone(root.id);
      onClose();
    },
  });
  const count = proposals.filter((p) => !p.exists && (p === root || chosen.has(p.id))).length;
  return (
    <Form
      error={create.error}
      submit={t('units:tp.create', { count })}
      busy={create.isPending}
      disabled={count === 0}
      onCancel={onClose}
      onSubmit={() => {
        create.mutate();
      }}
    >
      <Group gap="xs">
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            setChosen(new Set(proposals.filter((p) => !p.exists).map((p) => p.id)));
          }}
        >
          {t('units:tp.all')}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            setChosen(usual());
          }}
        >
          {t('units:tp.usual')}
        </Button>
      </Group>
      <div className={css.proposals} role="group" aria-label={label}>
        {proposals.map((p) => (
          <div key={p.id} className={css.proposal}>
            <Checkbox
              aria-label={p.name}
              checked={p.exists || p === root || chosen.has(p.id)}
              disabled={p.exists || p === root}
              onChange={(event) => {
                const next = new Set(chosen);
                if (event.currentTarget.checked) next.add(p.id);
                else next.delete(p.id);
                setChosen(next);
              }}
            />
            {p.exists || p === root ? (
              <Text size="sm">
                {p.name} {p.exists && <span className="la-dim">({t('units:tp.exists')})</span>}
              </Text>
            ) : (
              <TextInput
                size="xs"
                aria-label={t('units:tp.name', { name: p.name })}
                value={names[p.id] ?? p.name}
                onChange={(event) => {
                  const name = event.currentTarget.value;
                  setNames((old) => ({ ...old, [p.id]: name }));
                }}
              />
            )}
          </div>
        ))}
      </div>
    </Form>
  );
}
