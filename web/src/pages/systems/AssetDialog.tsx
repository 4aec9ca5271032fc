import { Checkbox, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { addAsset, type Asset, type AssetFacts, assetsChanged, changeAsset } from '../../api/assetQueries';
import { systemChoicesQuery } from '../../api/systemQueries';
import { useSession } from '../../app/session';
import { Form, useFieldErrors } from '../../kit/Form';
import { Dialog } from '../../ui/Dialog';
import { toast } from '../../ui/toast';
import { DayInput } from '../units/fields';
import { UnitPicker } from '../users/UnitPicker';
import { assetKinds } from './facts';
import css from './systems.module.css';

const fresh: AssetFacts = {
  system: '',
  kind: 'host',
  name: '',
  vendor: '',
  product: '',
  release: '',
  cpe: '',
  hostname: '',
  address: '',
  origin: '',
  foreign: false,
  donated: false,
  vietnamese: false,
  licenceEnds: '',
  place: '',
  note: '',
};

const factsOf = (x: Asset): AssetFacts => ({
  system: x.system,
  kind: x.kind,
  name: x.name,
  vendor: x.vendor,
  product: x.product,
  release: x.release,
  cpe: x.cpe,
  hostname: x.hostname,
  address: x.address,
  origin: x.origin,
  foreign: x.foreign,
  donated: x.donated,
  vietnamese: x.vietnamese,
  licenceEnds: x.licenceEnds,
  place: x.place,
  note: x.note,
});

const texts = ['name', 'hostname', 'address', 'vendor', 'product', 'release', 'cpe', 'origin', 'place'] as const;
const marks = ['foreign', 'donated', 'vietnamese'] as const;

interface Props {
  /** Absent: a new one. */
  asset?: Asset | undefined;
  /** What a new one begins with. */
  begin?: Partial<AssetFacts> & { unit?: string };
  onClose: () => void;
}

/** An asset of the inventory. */
export function AssetDialog({ asset, begin, onClose }: Props) {
  const { t } = useTranslation('systems');
  const client = useQueryClient();
  const { user } = useSession();
  const { unit: beginUnit, ...given } = begin ?? {};
  const [unit, setUnit] = useState(asset?.unit ?? beginUnit ?? user.unit);
  const [facts, setFacts] = useState<AssetFacts>(() => (asset ? factsOf(asset) : { ...fresh, ...given }));
  const systems = useQuery(systemChoicesQuery).data?.items ?? [];
  const set = (change: Partial<AssetFacts>) => {
    setFacts((old) => ({ ...old, ...change }));
  };
  const save = useMutation({
    mutationFn: () => (asset ? changeAsset(asset.id, facts, asset.version) : addAsset(facts, unit)),
    onSuccess: async () => {
      toast({ message: t('asset.saved'), autoClose: 4_000 });
      await assetsChanged(client);
      onClose();
    },
  });
  const wrong = useFieldErrors(save.error);
  const nameless = texts.every((field) => field === 'cpe' || field === 'origin' || field === 'place' || field === 'release' || facts[field].trim() === '');
  return (
    <Dialog opened onClose={onClose} size="lg" title={t(asset ? 'asset.edit' : 'asset.add')}>
      <Form error={save.error} fields={['unit', 'name', 'hostname', 'address', 'kind', 'licenceEnds']} submit={t('save')} busy={save.isPending} disabled={nameless} onCancel={onClose} onSubmit={() => { save.mutate(); }}>
        <div className={css.grid}>
          <Select
            label={t('asset.system')}
            searchable
            clearable
            placeholder={t('asset.noSystem')}
            data={systems.map((x) => ({ value: x.id, label: `${x.code} · ${x.name}` }))}
            value={facts.system || null}
            onChange={(system) => { set({ system: system ?? '' }); }}
          />
          {facts.system === '' && !asset && <UnitPicker label={t('asset.unit')} value={unit} error={wrong('unit')} onChange={(chosen) => { if (chosen) setUnit(chosen); }} />}
          <Select label={t('asset.kindName')} allowDeselect={false} data={assetKinds.map((value) => ({ value, label: t(`asset.kind.${value}`) }))} value={facts.kind} onChange={(kind) => { if (kind) set({ kind: kind as AssetFacts['kind'] }); }} />
          {texts.map((field) => (
            <TextInput key={field} label={t(`asset.${field}`)} data-autofocus={field === 'name' || undefined} maxLength={field === 'address' ? 45 : 200} value={facts[field]} error={wrong(field)} onChange={(e) => { set({ [field]: e.currentTarget.value }); }} />
          ))}
          <DayInput label={t('asset.licenceEnds')} value={facts.licenceEnds} error={wrong('licenceEnds')} onChange={(licenceEnds) => { set({ licenceEnds }); }} />
        </div>
        {marks.map((mark) => (
          <Checkbox key={mark} label={t(`asset.${mark}`)} checked={facts[mark]} onChange={(e) => { set({ [mark]: e.currentTarget.checked }); }} />
        ))}
        <Textarea label={t('asset.note')} autosize minRows={2} maxLength={2000} value={facts.note} onChange={(e) => { set({ note: e.currentTarget.value }); }} />
      </Form>
    </Dialog>
  );
}
