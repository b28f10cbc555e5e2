import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0014_low_stock'),
    ]

    operations = [
        migrations.CreateModel(
            name='WmsDifference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('link', models.CharField(max_length=40)),
                ('sku', models.CharField(max_length=100, verbose_name='SKU')),
                ('code', models.CharField(help_text='Ours, or theirs where we have none of that name.', max_length=20, verbose_name='warehouse')),
                ('theirs', models.BigIntegerField(blank=True, null=True)),
                ('as_of', models.DateTimeField(blank=True, null=True)),
                ('ours', models.PositiveIntegerField(blank=True, null=True)),
                ('since', models.IntegerField(default=0, help_text='Units that came and went here and that the WMS has not counted.')),
                ('target', models.PositiveIntegerField(blank=True, help_text='What would lie there: theirs and since.', null=True)),
                ('reserved', models.PositiveIntegerField(default=0)),
                ('pending', models.PositiveIntegerField(default=0, help_text='Reserved units whose request is not accepted yet.')),
                ('state', models.CharField(choices=[('applied', 'Applied'), ('refused', 'Refused'), ('quarantined', 'Waits for a person'), ('approved', 'Approved'), ('ignored', 'Ignored'), ('overtaken', 'A newer number came')], max_length=12)),
                ('why', models.CharField(blank=True, choices=[('', '-'), ('invalid', 'It cannot be read'), ('unknown_sku', 'Unknown SKU'), ('unknown_warehouse', 'Unknown warehouse'), ('stale', 'A newer number is known'), ('future', 'It is from the future'), ('absurd_drop', 'Drop beyond tolerance'), ('absurd_rise', 'Rise beyond tolerance')], max_length=20)),
                ('found_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decided_by', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'verbose_name': 'WMS difference',
                'verbose_name_plural': 'WMS differences',
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='WmsEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('link', models.CharField(max_length=40)),
                ('event_id', models.CharField(max_length=200)),
                ('type', models.CharField(max_length=20)),
                ('subject', models.CharField(max_length=100)),
                ('content', models.JSONField()),
                ('state', models.CharField(choices=[('received', 'Received'), ('handed', 'Handed to orders'), ('processed', 'Processed'), ('parked', 'Parked')], default='received', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('last_error', models.CharField(blank=True, max_length=500)),
                ('received_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('processed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'WMS event',
                'verbose_name_plural': 'WMS events',
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='WmsFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('link', models.CharField(max_length=40)),
                ('on_hand', models.PositiveIntegerField()),
                ('as_of', models.DateTimeField()),
                ('applied_as_of', models.DateTimeField(blank=True, help_text='When what our books took over was so.', null=True)),
                ('heard_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'WMS number',
                'verbose_name_plural': 'WMS numbers',
            },
        ),
        migrations.CreateModel(
            name='WmsRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('link', models.CharField(max_length=40)),
                ('order_id', models.BigIntegerField()),
                ('version', models.PositiveIntegerField(help_text='Of the order, at the change that this follows from.')),
                ('kind', models.CharField(choices=[('fulfil', 'Pack and ship'), ('hold', 'Wait'), ('cancel', 'Do not ship'), ('shipped', 'Shipped by our own people')], max_length=10)),
                ('cause', models.CharField(blank=True, help_text='Of what our people shipped, as its movements say.', max_length=100)),
                ('key', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('pending', 'Not sent yet'), ('unknown', 'Sent, without a clear answer'), ('accepted', 'Accepted'), ('refused', 'The WMS said no'), ('needless', 'Overtaken before it was sent')], default='pending', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('leased_until', models.DateTimeField(blank=True, help_text='Somebody is sending it right now.', null=True)),
                ('reference', models.CharField(blank=True, help_text='Its name in the book of the WMS.', max_length=100)),
                ('accepted_at', models.DateTimeField(blank=True, help_text='By the clock of the WMS where it says so.', null=True)),
                ('last_error', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'verbose_name': 'WMS request',
                'verbose_name_plural': 'WMS requests',
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='WmsRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('link', models.CharField(max_length=40)),
                ('kind', models.CharField(choices=[('snapshot', 'All stock'), ('changes', 'What changed')], max_length=10)),
                ('started_by', models.CharField(max_length=200)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('leased_until', models.DateTimeField(blank=True, help_text='Somebody is at it right now.', null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('cursor', models.CharField(blank=True, help_text='From where the next changes are asked for.', max_length=500)),
                ('rows', models.PositiveIntegerField(default=0, help_text='Numbers heard.')),
                ('changed', models.PositiveIntegerField(default=0, help_text='Levels that were changed.')),
                ('refused', models.PositiveIntegerField(default=0)),
                ('quarantined', models.PositiveIntegerField(default=0)),
                ('lag_seconds', models.PositiveIntegerField(blank=True, help_text='Age of the newest number heard.', null=True)),
                ('error', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'verbose_name': 'WMS run',
                'verbose_name_plural': 'WMS runs',
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='WmsShipment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('link', models.CharField(max_length=40)),
                ('reference', models.CharField(help_text='Its name in the book of the WMS.', max_length=100)),
                ('order_id', models.BigIntegerField()),
                ('cause', models.CharField(help_text='Of its movements.', max_length=100, unique=True)),
                ('shipped_at', models.DateTimeField(help_text='When the WMS took it off its shelves.')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'verbose_name': 'WMS package',
                'verbose_name_plural': 'WMS packages',
            },
        ),
        migrations.AddField(
            model_name='wmsdifference',
            name='level',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.stocklevel'),
        ),
        migrations.AddIndex(
            model_name='wmsevent',
            index=models.Index(condition=models.Q(('state', 'received')), fields=['due_at'], name='wms_event_due'),
        ),
        migrations.AddIndex(
            model_name='wmsevent',
            index=models.Index(condition=models.Q(('state__in', ('received', 'handed'))), fields=['link', 'subject', 'id'], name='wms_event_waiting'),
        ),
        migrations.AddIndex(
            model_name='wmsevent',
            index=models.Index(fields=['state', '-id'], name='wms_event_by_state'),
        ),
        migrations.AddConstraint(
            model_name='wmsevent',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['received', 'handed', 'processed', 'parked'])), name='wms_event_state_known'),
        ),
        migrations.AddConstraint(
            model_name='wmsevent',
            constraint=models.UniqueConstraint(fields=('link', 'event_id'), name='wms_event_once'),
        ),
        migrations.AddField(
            model_name='wmsfact',
            name='level',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='wms_fact', to='inventory.stocklevel'),
        ),
        migrations.AddField(
            model_name='wmsrequest',
            name='warehouse',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.warehouse'),
        ),
        migrations.AddIndex(
            model_name='wmsrun',
            index=models.Index(fields=['link', '-id'], name='wms_run_by_link'),
        ),
        migrations.AddConstraint(
            model_name='wmsrun',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['snapshot', 'changes'])), name='wms_run_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='wmsrun',
            constraint=models.UniqueConstraint(condition=models.Q(('finished_at', None)), fields=('link',), name='wms_run_single_flight'),
        ),
        migrations.AddField(
            model_name='wmsdifference',
            name='run',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='differences', to='inventory.wmsrun'),
        ),
        migrations.AddConstraint(
            model_name='wmsshipment',
            constraint=models.UniqueConstraint(fields=('link', 'reference'), name='wms_shipment_once'),
        ),
        migrations.AddIndex(
            model_name='wmsrequest',
            index=models.Index(condition=models.Q(('state__in', ('pending', 'unknown'))), fields=['link', 'id'], name='wms_request_unsent'),
        ),
        migrations.AddIndex(
            model_name='wmsrequest',
            index=models.Index(fields=['order_id', 'warehouse', '-id'], name='wms_request_by_order'),
        ),
        migrations.AddIndex(
            model_name='wmsrequest',
            index=models.Index(condition=models.Q(('kind', 'shipped')), fields=['cause'], name='wms_request_by_cause'),
        ),
        migrations.AddConstraint(
            model_name='wmsrequest',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['fulfil', 'hold', 'cancel', 'shipped'])), name='wms_request_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='wmsrequest',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'unknown', 'accepted', 'refused', 'needless'])), name='wms_request_state_known'),
        ),
        migrations.AddConstraint(
            model_name='wmsrequest',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'shipped'), ('cause', ''), _connector='XOR'), name='wms_request_names_what_was_shipped'),
        ),
        migrations.AddConstraint(
            model_name='wmsrequest',
            constraint=models.UniqueConstraint(fields=('order_id', 'warehouse', 'kind', 'version'), name='wms_request_once_per_transition'),
        ),
        migrations.AddIndex(
            model_name='wmsdifference',
            index=models.Index(fields=['run', 'id'], name='wms_difference_by_run'),
        ),
        migrations.AddIndex(
            model_name='wmsdifference',
            index=models.Index(fields=['state', '-id'], name='wms_difference_by_state'),
        ),
        migrations.AddIndex(
            model_name='wmsdifference',
            index=models.Index(condition=models.Q(('state', 'ignored')), fields=['level', '-id'], name='wms_difference_ignored'),
        ),
        migrations.AddConstraint(
            model_name='wmsdifference',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['applied', 'refused', 'quarantined', 'approved', 'ignored', 'overtaken'])), name='wms_difference_state_known'),
        ),
        migrations.AddConstraint(
            model_name='wmsdifference',
            constraint=models.CheckConstraint(condition=models.Q(('why__in', ['', 'invalid', 'unknown_sku', 'unknown_warehouse', 'stale', 'future', 'absurd_drop', 'absurd_rise'])), name='wms_difference_why_known'),
        ),
        migrations.AddConstraint(
            model_name='wmsdifference',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'quarantined')), fields=('level',), name='wms_difference_one_quarantined_per_level'),
        ),
    ]
